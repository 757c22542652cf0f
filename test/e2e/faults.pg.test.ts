import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run } from './programs.ts';
import { World } from './world.ts';

const startWorld = () =>
  World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' }],
    from: '2026-01-05',
    days: 1,
    now: '2026-01-20T06:00:00Z',
  });

let world: World;
let database: PostgresUnderTest;

beforeAll(async () => {
  world = await startWorld();
  database = await world.database();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const syncWith = (overrides: object) =>
  run(
    'traffic-events',
    ['sync', '--config', world.configFile(database, overrides)],
    world.environment(),
  );

describe('a sync that cannot work says why, and what to do', () => {
  test('a wrong configuration names the key and what is expected', async () => {
    const ended = await syncWith({ start_date: '2026-02-30' });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /traffic-events\.yaml: start_date: expected a date, such as 2026-01-31, got "2026-02-30"/,
    );
  });

  test('a wrong secret: Login with Amazon refused it, and it is not printed', async () => {
    const { client_id, refresh_token } = world.tapConfig();
    const ended = await syncWith({
      credentials: { client_id, client_secret: 'wrong-and-hidden', refresh_token },
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/Login with Amazon refused/);
    expect(ended.stderr + ended.stdout).not.toContain('wrong-and-hidden');
    expect(ended.stderr + ended.stdout).not.toContain(refresh_token);
  });

  test('a warehouse that is down: host and database, without the password', async () => {
    const ended = await syncWith({
      warehouse: 'postgres://loader:hidden-word@127.0.0.1:9/marketing',
    });
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/127\.0\.0\.1:9/);
    expect(ended.stderr).toMatch(/marketing/);
    expect(ended.stderr + ended.stdout).not.toContain('hidden-word');
  });
});

test('an account in another time zone than before is a wrong configuration, and nothing is loaded', async () => {
  const held = await world.database();
  const [account] = world.tapConfig().accounts;
  const command = (args: readonly string[], timeZone: object) => {
    const accounts = [{ ...account, ...timeZone }];
    const config = world.configFile(held, { streams: ['dsp_impressions'], accounts });
    return run('traffic-events', [...args, '--config', config], world.environment());
  };
  expect(await command(['sync'], {})).toMatchObject({ code: 0 });
  for (const args of [['sync'], ['sync', '--dry-run'], ['check', '--no-create']]) {
    const ended = await command(args, { time_zone: 'Europe/Berlin' });
    expect(ended.code).toBe(2);
    expect(ended.stdout + ended.stderr).toContain(
      "Account DE:dsp:1234@Europe/Berlin: the warehouse holds it as DE:dsp:1234. An account's time zone is chosen for good",
    );
  }
  const rows = await held.query('SELECT DISTINCT account_id FROM traffic_events.extractions');
  expect(rows).toEqual([{ account_id: 'DE:dsp:1234' }]);
});

test('a slice that the warehouse refuses fails alone, and is named in log and ledger', async () => {
  // Of a world that others have asked, their executions would be taken over.
  await using own = await startWorld();
  const held = await own.database();
  const config = own.configFile(held, { streams: ['dsp_impressions', 'dsp_clicks'] });
  const sync = () => run('traffic-events', ['sync', '--config', config], own.environment());
  const options = ['backfill', '--from', '2026-01-06', '--to', '2026-01-06', '--config', config];
  expect(await run('traffic-events', options, own.environment())).toMatchObject({ code: 0 });
  await held.query(
    `ALTER TABLE traffic_events.dsp_impressions ADD CONSTRAINT no_impressions CHECK (event_date <> '2026-01-05')`,
  );
  const ended = await sync();
  expect(ended.code, ended.stderr).toBe(5);
  expect(ended.stdout).toMatch(/dsp_impressions DE:dsp:1234 2026-01-05/);
  const failed = await held.query(
    `SELECT stream, event_date, reason FROM traffic_events.extractions WHERE status = 'failed'`,
  );
  const reason = /^\S+\.csv, line 2: PostgreSQL cannot take a row .*no_impressions/;
  expect(failed.length).toBeGreaterThan(1);
  for (const row of failed) {
    expect(row).toMatchObject({
      stream: 'dsp_impressions',
      event_date: '2026-01-05',
      reason: expect.stringMatching(reason),
    });
  }
  expect(await held.query('SELECT 1 FROM traffic_events.dsp_clicks')).not.toEqual([]);
  const state = await held.query(
    `SELECT state FROM traffic_events._traffic_events_state WHERE stream = 'dsp_impressions'`,
  );
  expect(state).toMatchObject([
    { state: { tail: { '2026-01-05': { status: 'open', execution_id: null } } } },
  ]);
  await held.query('ALTER TABLE traffic_events.dsp_impressions DROP CONSTRAINT no_impressions');
});

test('no secret stands in the log of a whole run', async () => {
  const ended = await syncWith({});
  expect(ended.code, ended.stderr).toBe(0);
  const { credentials } = world.simulator;
  const printed = ended.stderr + ended.stdout;
  for (const secret of [
    credentials.clientSecret,
    credentials.refreshToken,
    database.password,
    'Atza|',
    'Signature=',
  ]) {
    expect(printed).not.toContain(secret);
  }
});
