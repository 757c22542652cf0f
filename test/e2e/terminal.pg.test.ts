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
async function syncOnTerminal(database: PostgresUnderTest, leaveAt: string, colours: object) {
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...environment } = process.env;
  const config = world.configFile(database);
  const args = [SCRIPT, String(COLUMNS), leaveAt, SYNC, 'sync', '--config', config];
  // What the tests themselves are told of colours is not what this terminal is told.
  const only = { ...environment, ...world.environment(), TERM: 'xterm-256color', ...colours };
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
  expect(Math.max(...drawn.map(({ length }) => length))).toBeLessThanOrEqual(COLUMNS);
});

test('a terminal that goes away ends no sync', async () => {
  const database = await world.database();
  const { code, stdout } = await syncOnTerminal(database, 'running', {});
  expect(stdout).not.toContain('done');
  expect(code, stdout).toBe(0);
  expect(await database.query(SAVED)).toHaveLength(ACCOUNTS.length);
});
