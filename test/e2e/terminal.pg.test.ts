import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run } from './programs.ts';
import { World } from './world.ts';

const SCRIPT = join(import.meta.dirname, 'on-terminal.py');
const SYNC = resolve(import.meta.dirname, '../../apps/traffic-events/bin/traffic-events');
const ACCOUNTS = ['590122334455667788', '590122334455667789'];
const COLUMNS = 60;
const ESCAPE = '\u001B';

let world: World;
beforeAll(async () => {
  world = await World.start({
    accounts: ACCOUNTS.map((advertiserId) => ({ kind: 'dsp', marketplace: 'DE', advertiserId })),
    from: '2026-01-05',
    days: 2,
    eventsPerDay: 20,
    now: '2026-01-10T06:00:00Z',
    streams: ['dsp_impressions'],
  });
});
afterAll(() => world[Symbol.asyncDispose]());

/** `sync` on a terminal of its own, which goes away once it shows `leaveAt`. */
async function syncOnTerminal(
  database: PostgresUnderTest,
  leaveAt: string,
  colours: object,
  { world: of = world, options = [] as readonly string[] } = {},
) {
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...environment } = process.env;
  const config = of.configFile(database);
  const args = [SCRIPT, String(COLUMNS), leaveAt, SYNC, 'sync', '--config', config, ...options];
  // What the tests themselves are told of colours is not what this terminal is told.
  const only = {
    ...environment,
    ...of.environment(),
    TERM: 'xterm-256color',
    TZ: 'UTC',
    ...colours,
  };
  const given = Object.entries(only).map(([name, value]) => `${name}=${value}`);
  return run('/usr/bin/env', ['-i', ...given, 'python3', ...args]);
}

const SAVED = 'SELECT account_id FROM _traffic_events_state ORDER BY 1';
/** Lines are drawn again from their first column on. */
const LINE_BEGINS = new RegExp(`[\\r\\n]+|${ESCAPE}\\[1G`);
const COLOUR = new RegExp(`${ESCAPE}\\[3\\dm`);

test.each([
  ['with colours', {}, true],
  ['without, where NO_COLOR asks for none', { NO_COLOR: '1' }, false],
])('a terminal shows each account within its width, %s', async (_, colours, isColoured) => {
  const { code, stdout } = await syncOnTerminal(await world.database(), '', colours);
  expect(code, stdout).toBe(0);
  expect(COLOUR.test(stdout)).toBe(isColoured);
  const lines = stdout.split(LINE_BEGINS).map(stripVTControlCharacters);
  const drawn = lines.filter((line) => / (waiting|running|done) {0,3}/.test(line));
  for (const state of ['waiting', 'running', 'done']) {
    expect(
      drawn.some((line) => line.includes(`788  ${state}`)),
      stdout,
    ).toBe(true);
  }
  expect(stdout).toMatch(/ends about \d\d:\d\d/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(COLUMNS);
});

test('what lies ahead is told within the width of the terminal, no word broken', async () => {
  const database = await world.database();
  const { code, stdout } = await syncOnTerminal(database, '', {}, { options: ['--dry-run'] });
  expect(code, stdout).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /^DE:dsp:590122334455667788: \d+ executions\. About 0\.3 hours, if each takes 15 minutes\b/,
  );
  const longest = Math.max(...stdout.split(/[\r\n]+/).map(({ length }) => length));
  expect(longest).toBeLessThanOrEqual(COLUMNS);
});

test('the time of the end that stands there after the first executions is that of the end', async () => {
  const executionMs = 20 * 60_000;
  await using slow = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: ACCOUNTS[0] ?? '' }],
    from: '2026-01-05',
    days: 10,
    eventsPerDay: 5,
    now: '2026-01-15T06:00:00Z',
    streams: ['dsp_impressions'],
    simulator: { executionDurationMs: executionMs },
  });
  const { code, stdout } = await syncOnTerminal(await slow.database(), '', {}, { world: slow });
  const endedMs = slow.clock.now();
  expect(code, stdout).toBe(0);
  const told = stripVTControlCharacters(stdout).matchAll(
    / 5 of 10 results, ends about (\d\d):(\d\d),/g,
  );
  const [, hours, minutes] = [...told].at(-1) ?? [];
  const toldMs = Date.parse(`2026-01-15T${hours}:${minutes}:00Z`);
  expect(Math.abs(toldMs - endedMs), stdout).toBeLessThanOrEqual(executionMs);
});

test('a terminal that goes away ends no sync', async () => {
  const database = await world.database();
  const { code, stdout } = await syncOnTerminal(database, 'running', {});
  expect(stdout).not.toContain('done');
  expect(code, stdout).toBe(0);
  expect(await database.query(SAVED)).toHaveLength(ACCOUNTS.length);
});
