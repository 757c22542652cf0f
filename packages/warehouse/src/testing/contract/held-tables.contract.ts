import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadRules } from '../../messages/load-rules.ts';
import {
  ACCOUNT,
  CLICKS,
  CLICKS_COLUMNS,
  LEDGER,
  partitionChange,
  RUN,
  schemaMessage,
  sliceResult,
} from '../slice-fixtures.ts';
import { openWarehouse } from '../../open-warehouse.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const ID = { type: 'integer' };
const TEXT = { type: ['null', 'string'] };
const INSTANT = { type: ['null', 'string'], format: 'date-time' };

const schema = (stream: string, properties: object, keys: readonly string[] = ['id']) =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
/** `text` is JSON, so that digits stay what they are. */
const record = (stream: string, text: string) =>
  `{"type":"RECORD","stream":"${stream}","record":${text}}`;

const DAY = { type: ['null', 'string'], format: 'date' };
const keyed = (stream: string, keys: readonly string[]) =>
  schema(stream, { id: ID, day: DAY, n: ID }, keys);
const put = (stream: string, id: number, day: string, n: number) =>
  record(stream, JSON.stringify({ id, day, n }));

const delivery = (stream: string) => ({
  result: sliceResult({ stream, executionId: `of_${stream}`, rows: [] }),
  change: partitionChange({ stream }),
});

/** What every warehouse promises of tables that are there already, whoever made them. */
export function heldTablesContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    warehouse = await make();
    const sink = warehouse.sink();
    await sink.open(RUN, [CLICKS], [ACCOUNT]);
    await sink.close();
  });
  afterAll(() => warehouse.drop());

  const succeed = async (lines: readonly string[], rules: Partial<LoadRules> = {}) => {
    const { failure } = await warehouse.load(lines, rules);
    expect(failure).toBeUndefined();
  };
  const failureOf = async (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
    String((await warehouse.load(lines, rules)).failure);

  const everything = async (stream: string) => {
    const names = Object.keys(await warehouse.typesOf(stream)).filter((name) => name !== 'id');
    return warehouse.rows(stream, ['id', ...names]);
  };
  const made = async (stream: string, type: string) => {
    const { integer } = warehouse.types;
    const whole = integer === 'INTEGER' ? 'INT64' : integer;
    await warehouse.change(`CREATE TABLE {${stream}} (id ${whole}, v ${type})`);
  };

  test('a property keeps its column, in whatever order SCHEMAs list those that differ in case', async () => {
    const stream = 'cases';
    const properties = (...names: string[]) =>
      schema(stream, { id: ID, ...Object.fromEntries(names.map((name) => [name, TEXT])) });
    const row = (id: number) =>
      record(
        stream,
        JSON.stringify({
          id,
          Turned: 'T',
          turned: 't',
          Added: 'A',
          added: 'a',
          Gone: 'G',
          gone: 'g',
        }),
      );
    const turned = properties('turned', 'Turned', 'added', 'Added', 'Gone');
    const rules = { letterCase: 'lower' } as const;
    await succeed([properties('Turned', 'turned', 'Added', 'gone', 'Gone'), row(1)], rules);
    await succeed([turned, row(2)], rules);
    await succeed([turned, row(3)], rules);
    const [first = [], second = [], third = []] = await everything(stream);
    expect(new Set(first.slice(1))).toEqual(new Set(['A', 'G', 'T', 'g', 't', null]));
    expect(new Set(second.slice(1))).toEqual(new Set(['A', 'G', 'T', 'a', 't', null]));
    expect(third.slice(1)).toEqual(second.slice(1));
    for (const [at, value] of first.entries()) {
      if (at > 0 && value !== null) expect([value, null]).toContain(second[at]);
    }
  });

  test('overwrite loads the properties of all SCHEMAs of its run', async () => {
    const stream = 'united';
    await succeed([schema(stream, { id: ID, old: TEXT }), record(stream, '{"id":9,"old":"x"}')]);
    const lines = [
      schema(stream, { id: ID, v: TEXT }),
      record(stream, '{"id":1,"v":"a"}'),
      record(stream, '{"id":2,"v":"b"}'),
      schema(stream, { id: ID, w: { type: ['null', 'number'] } }),
      record(stream, '{"id":3,"w":1.5}'),
    ];
    await succeed(lines, { method: 'overwrite' });
    expect(await warehouse.rows(stream, ['id', 'v', 'w', 'old'])).toEqual([
      ['1', 'a', null, null],
      ['2', 'b', null, null],
      ['3', null, '1.5', null],
    ]);
  });

  describe('what the loader keeps takes slices only', () => {
    test('whatever the load method', async () => {
      const method = 'overwrite';
      const { stream, schema: described } = CLICKS;
      const { 'x-replace-by': _, ...plain } = described;
      const slices = { type: 'SCHEMA', stream, schema: plain, key_properties: ['row_number'] };
      expect(await failureOf([JSON.stringify(slices)], { method })).toContain(
        'Stream dsp_clicks: table dsp_clicks holds slices and takes nothing else: ',
      );
      const ledger = { ...JSON.parse(schemaMessage(LEDGER)), key_properties: ['run_id'] } as object;
      expect(await failureOf([JSON.stringify(ledger)], { method })).toContain(
        'Stream extractions: table extractions is kept by the loader and takes nothing else: ',
      );
      const lease = schema('_traffic_events_lease', { account_id: TEXT, epoch: ID }, []);
      expect(await failureOf([lease], { method })).toContain(
        'its table would be _traffic_events_lease, but names that begin with _traffic_events_ are',
      );
    });

    test("and no table of somebody's becomes one that the loader keeps", async () => {
      const fresh = await make();
      const lines = [schema('definitions', { id: ID }), record('definitions', '{"id":1}')];
      expect((await fresh.load(lines)).failure).toBeUndefined();
      const sink = fresh.sink();
      await expect(sink.open(RUN, [CLICKS], [ACCOUNT])).rejects.toThrow(
        /has a table of somebody's where the loader keeps one of its own: .*definitions.*Rename it/,
      );
      await sink.close();
      expect((await fresh.load(lines)).failure).toBeUndefined();
      expect(Object.keys(await fresh.typesOf('definitions'))).toEqual(['id']);
      await fresh.drop();
    });

    test('and slices go into no table of another make', async () => {
      const stream = 'somebodys_clicks';
      await succeed([schema(stream, { id: ID })]);
      expect(await failureOf([schemaMessage({ ...CLICKS, stream })])).toContain(
        `Stream ${stream}: table ${stream} is there and was not made for slices: it lacks the columns account_id,`,
      );
    });
  });

  describe('what is no table of its stream', () => {
    test('refuses the stream by name when a run begins, and no other', async () => {
      await warehouse.change('CREATE VIEW {seen_clicks} AS SELECT 1 AS id');
      await succeed([schema('taken_clicks', { id: ID })]);
      const sink = warehouse.sink();
      const streams = ['seen_clicks', 'new_clicks', 'taken_clicks'];
      const described = streams.map((stream) => ({ ...CLICKS, stream }));
      expect(await sink.open(RUN, described, [ACCOUNT])).toEqual([
        {
          stream: 'seen_clicks',
          reason:
            'Stream seen_clicks: seen_clicks is a view, and rows go into tables only. Rename or drop it, or load into another place.',
        },
        { stream: 'taken_clicks', reason: expect.stringContaining('was not made for slices') },
      ]);
      const { result, change } = delivery('new_clicks');
      expect(await sink.slice(result, change)).toEqual({ kind: 'applied' });
      await sink.close();
    });

    test.each(['append', 'upsert', 'overwrite'] as const)(
      'takes no records, whatever the load method (%s)',
      async (method) => {
        const stream = `view_for_${method}`;
        await warehouse.change(`CREATE VIEW {${stream}} AS SELECT 1 AS id`);
        expect(await failureOf([schema(stream, { id: ID })], { method })).toContain(
          `Stream ${stream}: ${stream} is a view, and rows go into tables only.`,
        );
      },
    );
  });

  test('streams with names like those of stages are loaded beside what is overwritten', async () => {
    const lines = [
      schema('users', { id: ID }),
      record('users', '{"id":1}'),
      schema('users_next', { id: ID }),
      record('users_next', '{"id":2}'),
    ];
    await succeed(lines, { method: 'overwrite' });
    await succeed(lines.slice(0, 2), { method: 'overwrite' });
    expect(await warehouse.rows('users', ['id'])).toEqual([['1']]);
    expect(await warehouse.rows('users_next', ['id'])).toEqual([['2']]);
  });

  describe("another's column", () => {
    test('is used as it is for what it holds, and never rounds', async () => {
      const stream = 'others_decimals';
      await made(stream, 'numeric(10,2)');
      const number = schema(stream, { id: ID, v: { type: 'number' } }, []);
      await succeed([number, record(stream, '{"id":1,"v":12345678.25}')]);
      const failure = await failureOf([number, record(stream, '{"id":2,"v":0.12345}')]);
      expect(failure).toContain(`Stream ${stream}:`);
      expect(failure).toMatch(
        /property v is 0\.12345, which column v, numeric\(10,2\), does not hold as it is\..*ALTER TABLE .*others_decimals.* ALTER COLUMN .v. (?:SET DATA )?TYPE \w+/i,
      );
      expect(await warehouse.rows(stream, ['id', 'v'])).toEqual([['1', '12345678.25']]);
    });

    test('is not widened, and what has to be done is said', async () => {
      const stream = 'others_integers';
      const { integer } = warehouse.types;
      await made(stream, integer === 'INTEGER' ? 'INT64' : integer);
      const number = schema(stream, { id: ID, v: { type: 'number' } }, []);
      await succeed([number, record(stream, '{"id":1,"v":7}')]);
      expect(await failureOf([number, record(stream, '{"id":2,"v":0.5}')])).toContain(
        `property v is 0.5, which column v, ${integer}, does not hold as it is.`,
      );
      expect(await warehouse.typesOf(stream)).toMatchObject({ v: integer });
    });
  });

  describe('types change', () => {
    const NOTHING = { type: 'null' };
    const INSTANT_TEXT = '2026-01-31T06:00:00Z';

    test('a text column takes what comes later as text, and text again', async () => {
      const stream = 'texts';
      const names = ['number', 'union', 'anything', 'instant', 'nothing'] as const;
      const texts = Object.fromEntries(names.map((name) => [name, TEXT]));
      const first = schema(stream, { id: ID, ...texts });
      const later = schema(stream, {
        id: ID,
        number: { type: 'number' },
        union: { type: ['string', 'boolean', 'null'] },
        anything: {},
        instant: INSTANT,
        nothing: NOTHING,
      });
      const values = `"number":0.5,"union":true,"anything":{"a":[1]},"instant":"${INSTANT_TEXT}"`;
      const words = Object.fromEntries(names.map((name) => [name, 'a']));
      await succeed([
        first,
        record(stream, JSON.stringify({ id: 1, ...words })),
        later,
        record(stream, `{"id":2,${values},"nothing":null}`),
        first,
        record(stream, JSON.stringify({ id: 3, ...words })),
      ]);
      expect(await warehouse.rows(stream, ['id', ...names])).toEqual([
        ['1', 'a', 'a', 'a', 'a', 'a'],
        ['2', '0.5', 'true', '{"a":[1]}', INSTANT_TEXT, null],
        ['3', 'a', 'a', 'a', 'a', 'a'],
      ]);
    });

    test('what may be anything becomes text or an instant and comes back, an instant becomes anything', async () => {
      const stream = 'changing';
      const names = ['anything', 'union', 'nothing'] as const;
      const first = schema(stream, {
        id: ID,
        anything: {},
        union: { type: ['string', 'integer'] },
        nothing: NOTHING,
        at: INSTANT,
      });
      const of = (type: object) =>
        schema(stream, { id: ID, anything: type, union: type, nothing: type, at: {} });
      const row = (id: number, text: string) =>
        record(
          stream,
          `{"id":${id},"anything":${text},"union":${text},"nothing":${text},"at":"${INSTANT_TEXT}"}`,
        );
      const again = record(stream, `{"id":1,"anything":[1],"union":1,"nothing":null,"at":null}`);
      await succeed([
        first,
        again,
        of(TEXT),
        row(2, '"a"'),
        of(INSTANT),
        row(3, `"${INSTANT_TEXT}"`),
        first,
        again,
      ]);
      expect(
        await warehouse.rows(stream, ['id', ...names.map((name) => `${name}:json`), 'at']),
      ).toEqual([
        ['1', '[1]', '1', null, null],
        ['2', '"a"', '"a"', '"a"', INSTANT_TEXT],
        ['3', ...names.map(() => `"${INSTANT_TEXT}"`), INSTANT_TEXT],
      ]);
    });
  });

  test('a type that its column cannot hold goes into a second one by option, and the row has one of them', async () => {
    const stream = 'second';
    const of = (type: string) => schema(stream, { id: ID, v: { type } });
    const rules = { typeConflict: 'new_column' } as const;
    await succeed([
      of('integer'),
      record(stream, '{"id":1,"v":5}'),
      record(stream, '{"id":2,"v":6}'),
    ]);
    expect(await failureOf([of('string')])).toContain('Set type_conflict to new_column, rename');
    await succeed([of('string'), record(stream, '{"id":2,"v":"x"}')], rules);
    await succeed([of('string'), record(stream, '{"id":3,"v":"y"}')], rules);
    await succeed([of('integer'), record(stream, '{"id":3,"v":7}')], rules);
    expect(await warehouse.rows(stream, ['id', 'v', 'v__text'])).toEqual([
      ['1', '5', null],
      ['2', null, 'x'],
      ['3', '7', null],
    ]);
  });

  describe('keys change', () => {
    test('to more properties, and rows are told by all of them', async () => {
      const stream = 'more_keys';
      await succeed([keyed(stream, ['id']), put(stream, 1, '2026-01-01', 1)]);
      const more = keyed(stream, ['id', 'day']);
      await succeed([more, put(stream, 1, '2026-01-02', 2)]);
      await succeed([more, put(stream, 1, '2026-01-02', 3)]);
      expect(await warehouse.rows(stream, ['id', 'day', 'n'])).toEqual([
        ['1', '2026-01-01', '1'],
        ['1', '2026-01-02', '3'],
      ]);
    });

    test('to none, and rows are added', async () => {
      const stream = 'no_key';
      await succeed([keyed(stream, ['id']), put(stream, 1, '2026-01-01', 1)]);
      await succeed([keyed(stream, []), put(stream, 1, '2026-01-01', 2)]);
      expect(await warehouse.rows(stream, ['n'])).toEqual([['1'], ['2']]);
    });

    test.each([
      ['none', keyed('violated_by_none', []), {}],
      ['none, as all is added', keyed('violated_by_added', ['id']), { method: 'append' }],
      ['one of more properties', keyed('violated_by_more', ['day', 'id']), {}],
    ] as const)(
      'from %s to one that held rows violate is refused, and nothing changes',
      async (_, before, rules) => {
        const { stream } = JSON.parse(before) as { stream: string };
        const rows = [put(stream, 1, '2026-01-01', 1), put(stream, 1, '2026-01-02', 2)];
        await succeed([before, ...rows], rules);
        const narrow = [keyed(stream, ['id']), put(stream, 1, '2026-01-03', 3)];
        expect(await failureOf(narrow)).toMatch(
          new RegExp(
            `Stream ${stream}: its key is now id, but table ${stream} has rows in which it is the same\\. Nothing was changed; remove them, or load into another table\\. .*\\b1\\b`,
          ),
        );
        expect(await failureOf(narrow)).toContain('its key is now id');
        await succeed([before, put(stream, 2, '2026-01-01', 4)], rules);
        expect(await warehouse.rows(stream, ['n'])).toEqual([['1'], ['2'], ['4']]);
      },
    );

    test('and one that was left for a while is taken again only where its rows are told apart', async () => {
      const stream = 'left_key';
      await succeed([keyed(stream, ['id']), put(stream, 1, '2026-01-01', 1)]);
      await succeed([keyed(stream, []), put(stream, 1, '2026-01-02', 2)]);
      expect(await failureOf([keyed(stream, ['id'])])).toContain('its key is now id');
    });
  });

  test('views that were asked for once get columns by themselves, and let columns be widened', async () => {
    const opened = await openWarehouse({ url: warehouse.url }, process.env);
    expect(await opened.laggingViews()).toBeUndefined();
    await opened.createViews({});
    const columns = CLICKS_COLUMNS.map((column) =>
      column.name === 'clicks' ? ({ ...column, type: 'DECIMAL' } as const) : column,
    );
    const { properties } = CLICKS.schema as { properties: object };
    const described = {
      ...CLICKS,
      schema: {
        ...CLICKS.schema,
        properties: { ...properties, clicks: { type: 'number' }, x: TEXT },
      },
    };
    const sink = warehouse.sink();
    await sink.open(RUN, [described], [ACCOUNT]);
    const rows = [['a', '1', '5', 'false']];
    await sink.slice(sliceResult({ executionId: 'w', columns, rows }), partitionChange({}));
    await sink.close();
    expect(await warehouse.rows('dsp_clicks_current', ['clicks', 'x'])).toEqual([['5', null]]);
    expect(await warehouse.rows('dsp_daily', ['clicks'])).toEqual([['5']]);
    expect(await warehouse.typesOf('dsp_clicks')).toMatchObject({
      clicks: warehouse.types.numeric,
    });
    expect(await opened.laggingViews()).toEqual([]);
    await warehouse.change('DROP VIEW {dsp_clicks_current}');
    expect(await opened.laggingViews()).toEqual(['dsp_clicks_current']);
  });

  test('a SCHEMA that says what is known commits nothing', async () => {
    const stream = 'said_again';
    const own = schema(stream, { id: ID, v: TEXT });
    const again = schema(stream, { v: TEXT, id: ID });
    const seen: unknown[] = [];
    await warehouse.loadMessages(
      (async function* source() {
        yield Buffer.from(`${own}\n${record(stream, '{"id":1}')}\n${own}\n${again}\n`);
        seen.push(await warehouse.rows(stream, ['id']));
        yield Buffer.from(`${record(stream, '{"id":2}')}\n`);
      })(),
      { emitState: async () => {} },
    );
    expect(seen).toEqual([[]]);
    expect(await warehouse.rows(stream, ['id'])).toHaveLength(2);
  });
}
