import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { contentOf, heldOf, truthOf } from './oracle.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run } from './programs.ts';
import { World } from './world.ts';

const ACCOUNT = 'DE:dsp:590122334455667788';
const APP = resolve(import.meta.dirname, '../../apps/traffic-events');

let world: World;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'traffic-events-commands-'));
  world = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
    from: '2026-01-05',
    days: 4,
    now: '2026-01-20T06:00:00Z',
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const command = (database: PostgresUnderTest, args: readonly string[], settings: object = {}) => {
  const config = world.configFile(database, { streams: ['dsp_impressions'], ...settings });
  return run('traffic-events', [...args, '--config', config], world.environment());
};

describe('init', () => {
  test('writes a commented configuration, and never over one that is there', async () => {
    const config = join(directory, 'traffic-events.yaml');
    const first = await run('traffic-events', ['init', '--config', config]);
    expect(first.code, first.stderr).toBe(0);
    expect(readFileSync(config, 'utf8')).toContain('# Whose events:');
    expect(first.stdout).toContain('Not collected: devices_traffic, adserver_traffic,');
    const second = await run('traffic-events', ['init', '--config', config]);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`${config} is there already and is left as it is`);
  });

  test('writes what is readable for its owner alone, with the streams of what is used', async () => {
    const folder = join(directory, 'private');
    mkdirSync(folder);
    const config = join(folder, 'traffic-events.yaml');
    const args = ['init', '--config', config, '--products', 'ad_server', '--marketplace', 'US'];
    const ended = await run('traffic-events', args);
    expect(ended.code, ended.stderr).toBe(0);
    for (const file of [config, join(folder, '.env')]) {
      expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(parse(readFileSync(config, 'utf8'))).toMatchObject({
      accounts: [{ marketplace: 'US', advertiser_id: '1234567890' }],
      streams: ['adserver_traffic', 'invalid_adserver_traffic'],
    });
    const wrong = await run('traffic-events', ['init', '--products', 'dsp,amc']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('ad_server')]);
  });

  test('has what options say, and the schema that its first line names beside it', async () => {
    const folder = join(directory, 'given');
    mkdirSync(folder);
    const config = join(folder, 'traffic-events.yaml');
    const warehouse = 'postgres://loader:hidden-word@h/d';
    const accounts = ['--account', 'US:dsp:1234=USD', '--account', 'UK:entity:ENTITY1'];
    const others = ['--time-zone', 'Europe/London', '--start-date', '2026-01-07'];
    const args = ['init', '--config', config, ...accounts, ...others, '--warehouse', warehouse];
    const ended = await run('traffic-events', args);
    expect(ended.code, ended.stderr).toBe(0);
    const text = readFileSync(config, 'utf8');
    expect(parse(text)).toMatchObject({
      start_date: '2026-01-07',
      accounts: [
        { marketplace: 'US', advertiser_id: '1234', time_zone: 'Europe/London', currency: 'USD' },
        { marketplace: 'UK', entity_id: 'ENTITY1', time_zone: 'Europe/London' },
      ],
    });
    const [, schema = ''] = /\$schema=(\S+)/.exec(text) ?? [];
    const published = readFileSync(join(APP, 'traffic-events.schema.json'), 'utf8');
    expect(readFileSync(join(folder, schema), 'utf8')).toBe(published);
    expect(parseEnv(readFileSync(join(folder, '.env'), 'utf8'))).toMatchObject({
      WAREHOUSE_URL: warehouse,
    });
    expect(ended.stdout + ended.stderr).not.toContain('hidden-word');
  });

  test.each([
    [['--marketplace', 'GB'], 'write UK'],
    [['--marketplace', 'DE,us'], 'write US'],
    [['--account', 'DE:dsp:ENTITY1'], 'is the id of a sponsored ads entity'],
    [['--streams', 'dsp_click'], 'did you mean "dsp_clicks"?'],
  ])('%j is refused with what is meant', async (args, message) => {
    const config = join(directory, 'refused.yaml');
    const ended = await run('traffic-events', ['init', '--config', config, ...args]);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('check', () => {
  test('tries everything that a sync needs', async () => {
    const ended = await command(await world.database(), ['check']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/ok +account DE:dsp:590122334455667788: the API answers/);
    expect(ended.stdout).toMatch(
      /ok +warehouse: it can be reached and written to; nothing has been loaded yet/,
    );
  });

  test('says in JSON what was tried, and warns of what a sync would do without', async () => {
    const ended = await command(await world.database(), ['check', '--json', '--no-create']);
    const { ok, exit_code, checks } = JSON.parse(ended.stdout);
    expect({ ok, exit_code, code: ended.code }).toEqual({ ok: true, exit_code: 0, code: 0 });
    const outcomes = checks.map((each: { check: string; outcome: string }) => [
      each.check,
      each.outcome,
    ]);
    expect(Object.fromEntries(outcomes)).toMatchObject({
      configuration: 'ok',
      consent: 'ok',
      [`account ${ACCOUNT}`]: 'ok',
      clock: 'ok',
      warehouse: 'ok',
      currencies: 'warning',
      spool: 'ok',
      'next sync': 'ok',
    });
  });

  test('names the permission that a refused account lacks, and the consent that ends', async () => {
    const { client_id, client_secret, refresh_token } = world.tapConfig();
    const ended = await command(await world.database(), ['check'], {
      accounts: [
        { marketplace: 'DE', advertiser_id: '590122334455667788' },
        { marketplace: 'DE', advertiser_id: '2' },
        { marketplace: 'UK', entity_id: 'ENTITY2' },
      ],
      streams: ['defaults'],
      credentials: { client_id, client_secret, refresh_token, consent_ends: '2026-01-30' },
    });
    expect(ended.code).toBe(8);
    expect(ended.stdout).toMatch(/ok +account DE:dsp:590122334455667788: .* has taken execution/);
    expect(ended.stdout).toMatch(
      /NOT OK +account DE:dsp:2: .*\n +next: .*view_performance_dashboard/,
    );
    expect(ended.stdout).toMatch(
      /NOT OK +account UK:entity:ENTITY2: .*\n +next: .*nemo_report_view/,
    );
    expect(ended.stdout).toMatch(
      /warning +consent: The consent ends on 2026-01-30, .*\n +next: traffic-events login/,
    );
  });

  test('says what is wrong with a configuration that cannot be read', async () => {
    const config = join(directory, 'none.yaml');
    const ended = await run('traffic-events', ['check', '--config', config, '--json']);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      ok: false,
      checks: [{ check: 'configuration', detail: expect.stringContaining('traffic-events init') }],
    });
  });

  test('goes on after a failure, and its exit code says what failed', async () => {
    const ended = await command(await world.database(), ['check'], {
      warehouse: 'postgres://loader:hidden-word@127.0.0.1:9/marketing',
      archive: process.execPath,
    });
    expect(ended.code).toBe(2);
    expect(ended.stdout).toMatch(/ok +account/);
    expect(ended.stdout).toMatch(
      /NOT OK +archive: \S+ cannot be written to: \S+ is a file and no folder/,
    );
    expect(ended.stdout).toMatch(/NOT OK +warehouse: .*127\.0\.0\.1:9/);
    expect(ended.stdout + ended.stderr).not.toContain('hidden-word');
  });
});

const asked = (text: string) => / was answered \d+[^"\\\n]*/.exec(text)?.[0];

describe('another server than the API', () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));

  /** Answers every request alike; only the token endpoint stays the simulator's. */
  async function serverOf(status: number, body: string): Promise<string> {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['404', 404, 'not found'],
    ['400', 400, '{"code": "400", "details": "Bad request"}'],
    ['200', 200, '<html>Welcome</html>'],
  ])('that answers %s is not taken for it by check and by tap --test', async (_, status, body) => {
    const api_url = await serverOf(status, body);
    const checked = await command(await world.database(), ['check'], { api_url });
    expect(checked.code, checked.stdout).toBe(8);
    expect(checked.stdout).toMatch(/NOT OK +account DE:dsp:590122334455667788: /);
    const config = join(directory, 'tap.json');
    writeFileSync(config, JSON.stringify({ ...world.tapConfig(), api_url }));
    const args = ['--config', config, '--test'];
    const tested = await run('tap-traffic-events', args, world.environment());
    expect(tested.code, tested.stderr).toBe(8);
    expect(asked(checked.stdout)).toBeDefined();
    expect(asked(tested.stderr)).toBe(asked(checked.stdout));
  });
});

describe('sync --dry-run', () => {
  test('says what lies ahead, and does nothing', async () => {
    const database = await world.database();
    const streams = ['dsp_impressions', 'dsp_views'];
    const ended = await command(database, ['sync', '--dry-run'], { streams });
    expect(ended.code, ended.stderr).toBe(0);
    const [, days = ''] = /dsp_impressions (\d+), dsp_views \1$/m.exec(ended.stdout) ?? [];
    expect(ended.stdout).toContain(
      `${ACCOUNT}: ${2 * Number(days)} executions. About ${Math.ceil((2 * Number(days)) / 5) / 4} hours, if each takes 15 minutes`,
    );
    expect(await database.query("SELECT to_regnamespace('traffic_events') AS made")).toEqual([
      { made: null },
    ]);
  });

  test('ends with 6 where dates will expire before their turn, and says what would help', async () => {
    const limits = { start_date: '2025-12-20', max_executions_per_day: 1 };
    const ended = await command(await world.database(), ['sync', '--dry-run'], limits);
    expect(ended.code, ended.stderr).toBe(6);
    expect(ended.stdout).toMatch(
      /Expire before their turn, and will be LOST: 20\d\d-\d\d-\d\d \(dsp_/,
    );
    expect(ended.stdout).toContain('  Lost with no max_executions_per_day: 0 instead of ');
  });
});

test('backfill loads the dates of its range, and no others', async () => {
  const database = await world.database();
  const ended = await command(database, ['backfill', '--from', '2026-01-06', '--to', '2026-01-07']);
  expect(ended.code, ended.stderr).toBe(0);
  const dates = await database.query<{ event_date: string }>(
    'SELECT DISTINCT event_date::text FROM dsp_impressions ORDER BY 1',
  );
  expect(dates.map((row) => row.event_date)).toEqual(['2026-01-06', '2026-01-07']);
  const rest = await command(database, ['sync']);
  expect(rest.code, rest.stderr).toBe(0);
  const truth = await truthOf(world.simulator, 'dsp_impressions', ACCOUNT, world.dates);
  expect(await heldOf(database, 'dsp_impressions', ACCOUNT, world.dates)).toEqual(truth);
});

test('a state that no run can have written is refused by name, by sync and by status', async () => {
  const database = await world.database();
  expect((await command(database, ['sync'])).code).toBe(0);
  const far = `jsonb_set(state, '{bookmark}', '"9999-12-31"')`;
  for (const [state, fault] of [
    [far, 'bookmark: 9999-12-31 is after'],
    [`'[]'`, 'value: '],
  ] as const) {
    await database.query(`UPDATE _traffic_events_state SET state = ${state}`);
    for (const name of ['sync', 'status']) {
      const refused = await command(database, [name]);
      expect([name, refused.code]).toEqual([name, 2]);
      expect(refused.stderr).toContain(
        `The state of dsp_impressions ${ACCOUNT} in the table _traffic_events_state cannot be used: ${fault}`,
      );
    }
  }
});

const between = (from: string, to: string) => ['--from', from, '--to', to];
const backfill = (from: string, to: string) => ['backfill', ...between(from, to)];

describe('dates that no run can fetch', () => {
  test.each([
    [backfill('2026-01-08', '2026-01-05'), '--from 2026-01-08 is after --to 2026-01-05'],
    [
      ['rebuild', ...between('2026-01-08', '2026-01-05')],
      '--from 2026-01-08 is after --to 2026-01-05',
    ],
    [
      ['query', 'SELECT 1', ...between('2026-01-08', '2026-01-05')],
      '--from 2026-01-08 is after --to 2026-01-05',
    ],
    [backfill('2026-02-20', '2026-02-25'), 'the last event date that is over is 2026-01-'],
  ])('%j is a wrong configuration', async (args, message) => {
    const ended = await command(await world.database(), args, { archive: directory });
    expect({ code: ended.code, message: ended.stderr }).toEqual({
      code: 2,
      message: expect.stringContaining(message),
    });
  });

  test.each(['sync', 'check'])('a start_date in the future is one for %s', async (name) => {
    const ended = await command(await world.database(), [name], { start_date: '2026-02-20' });
    expect(ended.code).toBe(2);
    expect(ended.stdout + ended.stderr).toContain('start_date: 2026-02-20 is in the future');
  });

  test('the tap refuses them as well', async () => {
    const config = join(directory, 'dates.json');
    writeFileSync(config, JSON.stringify(world.tapConfig()));
    const args = ['--config', config, '--from', '2026-01-08', '--to', '2026-01-05'];
    const ended = await run('tap-traffic-events', args, world.environment());
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('--from 2026-01-08 is after --to 2026-01-05');
  });

  test('check tells those that are lost, before a first run', async () => {
    const ended = await command(await world.database(), ['check'], { start_date: '2025-11-01' });
    // Days pass in this world while its tests run.
    expect(ended.stdout).toMatch(
      /2025-11-01 to 2025-12-2\d of DE:dsp:590122334455667788 cannot be had/,
    );
  });
});

test('what is not collected, and what is held already, is said by every run and by status', async () => {
  const database = await world.database();
  const args = ['backfill', '--from', '2026-01-06', '--to', '2026-01-07'];
  const first = await command(database, args);
  expect(first.stdout).toContain(
    'Not collected of DE:dsp:590122334455667788: devices_traffic, dsp_clicks,',
  );
  expect(first.stdout).not.toContain('held already');
  const again = await command(database, args);
  expect(again.stdout).toContain(
    '2026-01-06 to 2026-01-07 is held already: all 2 slices are closed, and none is asked for again.',
  );
  const status = await command(database, ['status', '--json'], { streams: ['dsp_clicks'] });
  expect(JSON.parse(status.stdout)).toMatchObject({
    streams: [{ stream: 'dsp_impressions', retries: [] }],
    not_collected: [
      {
        account_id: ACCOUNT,
        data_sources: expect.arrayContaining(['dsp_impressions', 'adserver_traffic']),
        no_longer: ['dsp_impressions'],
      },
    ],
  });
});

/** Executions that an archive keeps the result of. */
function resultsIn(archive: string): number {
  const files = readdirSync(archive, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.json')).length;
}

test('rebuild fills an empty warehouse from the archive, without the API', async () => {
  const archive = join(directory, 'archive');
  const [first, second] = [await world.database(), await world.database()];
  const synced = await command(first, ['sync'], { archive });
  expect(synced.code, synced.stderr).toBe(0);
  const rebuilt = await command(second, ['rebuild'], { archive, api_url: 'http://127.0.0.1:9' });
  expect(rebuilt.code, rebuilt.stderr).toBe(0);
  expect(rebuilt.stdout).toContain(`${resultsIn(archive)} results loaded again`);
  const content = await contentOf(first, 'dsp_impressions');
  expect(content).not.toEqual([]);
  expect(await contentOf(second, 'dsp_impressions')).toEqual(content);
});

test('rebuild names what is damaged or missing, loads the rest, and ends with 5', async () => {
  const archive = join(directory, 'damaged-archive');
  const [first, second] = [await world.database(), await world.database()];
  expect(await command(first, ['sync'], { archive })).toMatchObject({ code: 0 });
  const results = resultsIn(archive);
  const dates = join(archive, 'dsp_impressions', ACCOUNT.replaceAll(':', '='));
  const damage = (date: string, ending: string, change: (path: string) => void) => {
    const name = readdirSync(join(dates, date)).find((each) => each.endsWith(ending));
    change(join(dates, date, name ?? 'none'));
  };
  damage('2026-01-05', '.gz', (path) => rmSync(path));
  damage('2026-01-06', '.json', (path) => writeFileSync(path, '{"stream":'));
  damage('2026-01-07', '.gz', (path) => writeFileSync(path, readFileSync(path).subarray(0, 40)));
  const rebuilt = await command(second, ['rebuild'], { archive, api_url: 'http://127.0.0.1:9' });
  expect(rebuilt.code, rebuilt.stderr).toBe(5);
  expect(rebuilt.stdout).toContain(`${results - 3} results loaded again`);
  expect(rebuilt.stdout).toContain('3 could not be loaded, and are as they were in the warehouse:');
  expect(rebuilt.stdout).toMatch(/2026-01-05 \(execution \S+\): \S+\.csv\.gz is missing/);
  expect(rebuilt.stdout).toMatch(/2026-01-06\/\S+\.json does not describe an execution/);
  expect(rebuilt.stdout).toMatch(/2026-01-07 \(execution \S+\): \S+\.csv\.gz cannot be unpacked/);
  const options = ['rebuild', '--from', '2026-01-08', '--to', '2026-01-08'];
  const outside = await command(await world.database(), options, { archive });
  expect(outside.code, outside.stderr).toBe(0);
  const gone = `${archive}-of-another-disk`;
  symlinkSync(gone, gone);
  for (const name of ['rebuild', 'verify']) {
    const ended = await command(first, [name], { archive: gone });
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining(`traffic-events.yaml: archive: ${gone} is no folder that is there.`),
    ]);
  }
});

describe('views', () => {
  test('are made for BI, and tell costs in the currency of the account', async () => {
    const database = await world.database();
    const accounts = [{ marketplace: 'DE', advertiser_id: '590122334455667788', currency: 'EUR' }];
    const synced = await command(database, ['sync']);
    expect(synced.code, synced.stderr).toBe(0);
    const ended = await command(database, ['views'], { accounts });
    expect(ended.code, ended.stderr).toBe(0);
    const [whole] = await database.query<{ millicents: string; euros: string }>(
      `SELECT sum(impression_cost)::text AS millicents, sum(impression_cost_in_currency)::text AS euros
       FROM dsp_daily`,
    );
    const [table] = await database.query<{ millicents: string }>(
      'SELECT sum(impression_cost)::text AS millicents FROM dsp_impressions',
    );
    expect(whole?.millicents).toBe(table?.millicents);
    expect(Number(whole?.euros)).toBeCloseTo(Number(table?.millicents) / 100_000, 5);
  });

  test('come with the roles and grants that they need', async () => {
    const ended = await command(await world.database(), ['views', '--grants']);
    expect(ended.stdout).toContain('CREATE ROLE "traffic_events_reader" NOLOGIN;');
  });
});

describe('query', () => {
  test('prints the CSV of one execution', async () => {
    const sql = 'SELECT SUM(impressions) AS impressions FROM dsp_impressions';
    const ended = await command(await world.database(), [
      'query',
      sql,
      '--from',
      '2026-01-05',
      '--to',
      '2026-01-08',
    ]);
    expect(ended.code, ended.stderr).toBe(0);
    const truth = await truthOf(world.simulator, 'dsp_impressions', ACCOUNT, world.dates);
    const total = Object.values(truth).reduce((sum, impressions) => sum + BigInt(impressions), 0n);
    expect(ended.stdout).toBe(`impressions\n${total}\n`);
  });

  test('says why the service refused it', async () => {
    const sql =
      'SELECT nothing_such, SUM(impressions) AS i FROM dsp_impressions GROUP BY nothing_such';
    const ended = await command(await world.database(), ['query', sql, '--from', '2026-01-05']);
    expect(ended.code).toBe(8);
    expect(ended.stderr).toMatch(/REJECTED|FAILED/);
    expect(ended.stderr).toContain('nothing_such');
  });
});
