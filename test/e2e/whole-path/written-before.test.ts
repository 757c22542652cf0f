import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { heldOf, truthOf, wholeContentOf } from '../oracle.ts';
import { run } from '../programs.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import { World } from '../world.ts';
import { DSP, FIRST_DATE, morningOf } from './settled-world.ts';

const ACCOUNT = 'DE:dsp:590122334455667788';
const STREAM = 'dsp_impressions';
const ROOT = resolve(import.meta.dirname, '../../..');

type Written = [stream: string, layout: string, types: string, zone: string, fingerprint: string];

/** Of the stream, as the program wrote it when fingerprints went by the types of columns. */
function formerFingerprint(): string {
  const path = 'packages/source/src/testing/written-before/fingerprints.json';
  const written = JSON.parse(readFileSync(resolve(ROOT, path), 'utf8')) as Written[];
  const found = written.find(
    ([stream, layout, types, zone]) =>
      [stream, layout, types, zone].join() === [STREAM, 'default', 'plain', 'UTC'].join(),
  );
  if (found === undefined) throw new Error(`${path} has nothing of ${STREAM}`);
  return found[4];
}

const FORMER = formerFingerprint();

async function currentFingerprint(warehouse: WarehouseUnderTest): Promise<string> {
  const [row] = await warehouse.query<{ fingerprint: string }>(
    `SELECT DISTINCT fingerprint FROM ${warehouse.nameOf('extractions')}`,
  );
  return row?.fingerprint ?? '';
}

/** Names everything in a warehouse and an archive as the program did then. */
async function writeAsBefore(warehouse: WarehouseUnderTest, archive: string): Promise<void> {
  const { textType } = warehouse;
  const now = await currentFingerprint(warehouse);
  await warehouse.query(
    `UPDATE ${warehouse.nameOf('extractions')} SET fingerprint = '${FORMER}',
       workflow_id = REPLACE(workflow_id, '${now}', '${FORMER}') WHERE TRUE`,
  );
  const states = warehouse.nameOf('_traffic_events_state');
  const isPostgres = textType === 'TEXT';
  const asText = isPostgres ? 'state::text' : 'TO_JSON_STRING(state)';
  const asJson = isPostgres ? 'CAST(STATE AS jsonb)' : 'PARSE_JSON(STATE)';
  const rows = await warehouse.query<{ state: string }>(`SELECT ${asText} AS state FROM ${states}`);
  for (const { state } of rows) {
    const text = `'${state.replaceAll(now, FORMER)}'`;
    await warehouse.query(
      `UPDATE ${states} SET state = ${asJson.replace('STATE', text)} WHERE TRUE`,
    );
  }
  for (const name of readdirSync(archive, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    const path = join(archive, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(now, FORMER));
  }
}

describe.runIf(isTriedHere)('what was written under former fingerprints', () => {
  const directory = mkdtempSync(join(tmpdir(), 'traffic-events-before-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('goes over without a question, also after a kill, and no sum changes', async () => {
    await using world = await World.start({
      accounts: [DSP],
      from: FIRST_DATE,
      days: 1,
      now: morningOf(2),
    });
    const warehouse = await world.warehouse(warehouseKind);
    const archive = join(directory, 'archive');
    const config = () => world.configFile(warehouse, { streams: [STREAM], archive });
    const command = (...args: string[]) =>
      run('traffic-events', [...args, '--config', config()], world.environment());
    expect((await command('sync')).code).toBe(0);
    await writeAsBefore(warehouse, archive);
    const before = await wholeContentOf(warehouse, [STREAM]);

    const rebuilt = await command('rebuild');
    expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0 });
    expect(rebuilt.stdout).toContain('0 belong to another definition');
    expect(await wholeContentOf(warehouse, [STREAM])).toEqual(before);
    await writeAsBefore(warehouse, archive);

    world.clock.advanceTo(Date.parse(morningOf(4)));
    const kill = { afterLines: 2, delayMs: 0 };
    await run('traffic-events', ['sync', '--config', config()], world.environment(), kill);
    const went = await command('sync');
    expect(went, went.stderr).toMatchObject({ code: 0 });
    const truth = await truthOf(world.simulator, STREAM, ACCOUNT, world.dates);
    expect(await heldOf(warehouse, STREAM, ACCOUNT, world.dates)).toEqual(truth);
    const states = await warehouse.query<{ content: string }>(
      warehouse.contentSql('_traffic_events_state', ['run_id']),
    );
    for (const { content } of states) expect(content).toMatch(new RegExp(`"renamed":.*${FORMER}`));
  });
});
