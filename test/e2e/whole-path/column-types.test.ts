import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { truthOf } from '../oracle.ts';
import { run } from '../programs.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import { DSP, FIRST_DATE, morningOf } from './settled-world.ts';
import { World } from '../world.ts';

const ACCOUNT = 'DE:dsp:590122334455667788';

/** Its documented type does not fit: halves are no integers. */
const HALVES = {
  name: 'halves',
  account_kind: 'dsp',
  sql: 'SELECT campaign_id, SUM(impressions) AS impressions, SUM(impressions) * 0.5 AS half FROM dsp_impressions GROUP BY campaign_id',
  columns: { campaign_id: 'LONG', impressions: 'LONG', half: 'LONG' },
  keys: ['campaign_id'],
};

describe.runIf(isTriedHere)('a column that does not fit its type', () => {
  const directory = mkdtempSync(join(tmpdir(), 'traffic-events-types-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('is cured by column_types and rebuild', async () => {
    await using world = await World.start({
      accounts: [DSP],
      from: FIRST_DATE,
      days: 1,
      now: morningOf(4),
    });
    const warehouse = await world.warehouse(warehouseKind);
    const settings = { streams: [HALVES], archive: join(directory, 'archive') };
    const range = ['--from', FIRST_DATE, '--to', FIRST_DATE];
    const command = (name: string, overrides: object) => {
      const config = world.configFile(warehouse, { ...settings, ...overrides });
      const args = [name, '--config', config, ...range];
      return run('traffic-events', args, world.environment());
    };
    const failed = await command('backfill', {});
    expect(failed.code, failed.stderr).toBe(5);
    expect(failed.stderr).toMatch(/half/);
    const column_types = { halves: { half: 'DECIMAL' } };
    const rebuilt = await command('rebuild', { column_types, api_url: 'http://127.0.0.1:9' });
    expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0 });
    const truth = await truthOf(world.simulator, 'dsp_impressions', ACCOUNT, world.dates);
    const rows = await warehouse.query<{ half: string }>(
      `SELECT CAST(half AS ${warehouse.textType}) AS half FROM ${warehouse.nameOf('halves')} WHERE event_date = '${FIRST_DATE}'`,
    );
    const sum = rows.reduce((total, { half }) => total + Number(half), 0);
    expect(sum).toBe(Number(truth[FIRST_DATE]) / 2);
    const again = await command('backfill', { column_types });
    expect(again, again.stderr).toMatchObject({ code: 0 });
  });
});
