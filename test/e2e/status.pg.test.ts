import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './programs.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { World } from './world.ts';

const SCHEMA = resolve(import.meta.dirname, '../../apps/traffic-events/status.schema.json');
const ACCOUNT = 'DE:dsp:590122334455667788';
const DAY_MS = 86_400_000;

let world: World;
let database: PostgresUnderTest;
beforeAll(async () => {
  world = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
    from: '2026-01-05',
    days: 6,
    streams: ['dsp_impressions', 'dsp_clicks'],
    now: '2026-01-10T06:00:00Z',
  });
  database = await world.database();
  await world.sync(database);
});
afterAll(() => world[Symbol.asyncDispose]());

const status = (...args: readonly string[]) =>
  run('traffic-events', ['status', ...args, '--config', world.configFile(database)], {
    ...world.environment(),
    NO_COLOR: '1',
  });

/** The published schema, that takes no key which it does not name. */
function strictSchema(): object {
  return JSON.parse(readFileSync(SCHEMA, 'utf8'), (_, value: unknown) => {
    const isObject = typeof value === 'object' && value !== null && 'properties' in value;
    return isObject ? { ...value, additionalProperties: false } : value;
  }) as object;
}

test('status --json is what its JSON Schema says, and tells every date up to yesterday', async () => {
  const { stdout } = await status('--json');
  const ajv = new Ajv2020({ validateFormats: false, strictTypes: false });
  ajv.validate(strictSchema(), JSON.parse(stdout));
  expect(ajv.errors).toBeNull();
  expect(JSON.parse(stdout)).toMatchObject({
    as_of: expect.stringMatching(/^2026-01-10T/),
    streams: [
      {
        stream: 'dsp_clicks',
        account_id: ACCOUNT,
        newest_whole_date: '2026-01-06',
        calendar: [
          { from: '2026-01-05', to: '2026-01-06', standing: 'whole' },
          { from: '2026-01-07', to: '2026-01-09', standing: 'provisional' },
        ],
        at_risk: [],
        next_loss_at: null,
        last_success: expect.stringMatching(/^2026-01-10T/),
        suppressed_share: expect.any(Number),
      },
      { stream: 'dsp_impressions' },
    ],
    not_started: [],
    check: { exit_code: 0, findings: [] },
  });
});

test('status --check ends with what a monitor acts on, and says why', async () => {
  const well = await status('--check');
  expect([well.code, well.stderr]).toEqual([0, '']);
  expect(well.stdout).toMatch(/^dsp_clicks +██▒▒▒ {2}2026-01-06 +\d+\.\d %$/m);
  expect(well.stdout).not.toContain('\u001B');

  world.clock.advanceTo(Date.parse('2026-01-10T06:00:00Z') + 2 * DAY_MS);
  const stale = await status('--check');
  expect([stale.code, stale.stdout]).toEqual([5, expect.stringContaining('not asked for since')]);

  world.clock.advanceTo(Date.parse('2026-02-08T12:00:00Z'));
  const late = await status('--check');
  expect(late.code).toBe(6);
  const atRisk = new RegExp(`^dsp_clicks ${ACCOUNT}: 2026-01-10 is at risk: \\d+ hours left$`, 'm');
  expect(late.stdout).toMatch(atRisk);
  expect(late.stdout).toMatch(/^dsp_clicks +▒▒!+·+ {2}2026-01-06/m);
});
