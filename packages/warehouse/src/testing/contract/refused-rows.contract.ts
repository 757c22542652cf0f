import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadRules } from '../../messages/load-rules.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const schema = (stream: string) =>
  JSON.stringify({
    type: 'SCHEMA',
    stream,
    schema: {
      properties: {
        id: { type: 'integer' },
        t: { type: ['null', 'string'] },
        n: { type: ['null', 'number'] },
        j: {},
      },
    },
    key_properties: ['id'],
  });
const record = (stream: string, id: number, t: string, more: object = {}) =>
  JSON.stringify({ type: 'RECORD', stream, record: { id, t, ...more } });
const state = (value: unknown) => JSON.stringify({ type: 'STATE', value });
const POISON = 'poison';
const PREPARED = 'prepared';

const lettersIn = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { stream: string; reason: string; record: object });

/** What every warehouse promises where it refuses a row that nothing was known against. */
export function refusedRowsContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  let directory: string;
  beforeAll(async () => {
    warehouse = await make();
    directory = await mkdtemp(join(tmpdir(), 'refused-rows-'));
  });
  afterAll(async () => {
    await warehouse.drop();
    await rm(directory, { recursive: true });
  });

  /** Makes the table of a stream, which refuses rows whose `t` is POISON. */
  const prepare = async (stream: string) => {
    const { failure } = await warehouse.load([schema(stream), record(stream, 1000, PREPARED)]);
    expect(failure).toBeUndefined();
    await warehouse.refuse(stream, 't', POISON);
  };
  const loaded = async (stream: string) => {
    const rows = await warehouse.rows(stream, ['id'], `t <> '${PREPARED}'`);
    return rows.map(([id]) => Number(id)).sort((left, right) => left - right);
  };

  test.each(['upsert', 'append'] as const)(
    'it is found among the others, which are loaded, and put away with its reason (%s)',
    async (method) => {
      const [stream, other] = [`found_${method}`, `beside_${method}`];
      await prepare(stream);
      const bad = new Set([0, 5]);
      const ids = [...Array.from({ length: 6 }).keys()];
      const path = join(directory, `${stream}.jsonl`);
      const more = { n: 1.5, j: { a: [1, 'x'] } };
      const { states, failure, log } = await warehouse.load(
        [
          schema(stream),
          schema(other),
          ...ids.flatMap((id) => [
            record(stream, id, bad.has(id) ? POISON : 'fine', more),
            record(other, id, 'fine'),
          ]),
          state('end'),
        ],
        { method, deadLetters: { path, limit: 2 } },
      );
      expect(failure).toBeUndefined();
      expect(states).toEqual(['end']);
      expect(await loaded(stream)).toEqual(ids.filter((id) => !bad.has(id)));
      expect(await loaded(other)).toEqual(ids);
      const letters = await lettersIn(path);
      expect(letters).toMatchObject(
        [...bad].map((id) => ({
          stream,
          reason: expect.stringContaining(`Stream ${stream}: record {"id":${id}}:`),
          record: { id, t: POISON, ...more },
        })),
      );
      expect(log).toContainEqual({ message: 'records.refused', fields: { records: 2 } });
    },
  );

  test('without a file for it what came before it is kept, and the newest state of that passed on', async () => {
    const [stream, other] = ['stopped', 'stopped_beside'];
    await prepare(stream);
    const before = Array.from({ length: 50 }, (_, id) => [
      record(stream, id, 'fine'),
      record(other, id, 'fine'),
      state(id),
    ]);
    const { states, failure } = await warehouse.load(
      [
        schema(stream),
        schema(other),
        ...before.flat(),
        record(stream, 100, POISON),
        state('behind'),
        record(stream, 101, 'fine'),
      ],
      { method: 'append' },
    );
    expect(String(failure)).toContain(`Stream ${stream}: record {"id":100}:`);
    expect(states).toEqual([49]);
    expect(await loaded(stream)).toEqual(before.map((_, id) => id));
    expect(await loaded(other)).toEqual(before.map((_, id) => id));
  });

  test('one that is refused before it is sent stops the load in the same way', async () => {
    const stream = 'stopped_before';
    const { states, failure } = await warehouse.load([
      schema(stream),
      record(stream, 1, 'fine'),
      state(1),
      record(stream, 2, 'fine'),
      JSON.stringify({ type: 'RECORD', stream, record: { id: 'x' } }),
      state(2),
    ]);
    expect(String(failure)).toContain(`Stream ${stream}: record {"id":"x"}: property id`);
    expect(states).toEqual([1]);
    expect(await loaded(stream)).toEqual([1, 2]);
  });

  test('more of them than may be put away stop the load at the first that is too many', async () => {
    const stream = 'overfull';
    await prepare(stream);
    const path = join(directory, 'overfull.jsonl');
    const rules: Partial<LoadRules> = { deadLetters: { path, limit: 1 } };
    const { states, failure } = await warehouse.load(
      [
        schema(stream),
        record(stream, 1, POISON),
        record(stream, 2, 'fine'),
        state(2),
        record(stream, 3, POISON),
        state(3),
      ],
      rules,
    );
    expect(String(failure)).toContain('More than 1 records were refused');
    expect(states).toEqual([2]);
    expect(await loaded(stream)).toEqual([2]);
  });

  describe('while a SCHEMA changes', () => {
    test('what waits of it is judged in the same way', async () => {
      const stream = 'changing';
      await prepare(stream);
      const path = join(directory, 'changing.jsonl');
      const wider = schema(stream).replace('"j":{}', '"j":{},"k":{"type":"string"}');
      const { states, failure } = await warehouse.load(
        [
          schema(stream),
          record(stream, 1, 'fine'),
          record(stream, 2, POISON),
          wider,
          record(stream, 3, 'fine', { k: 'x' }),
          state('end'),
        ],
        { deadLetters: { path, limit: 1 } },
      );
      expect([states, failure]).toEqual([['end'], undefined]);
      expect(await loaded(stream)).toEqual([1, 3]);
      expect(await lettersIn(path)).toMatchObject([{ record: { id: 2 } }]);
    });
  });
}
