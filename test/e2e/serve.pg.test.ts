import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DSP, ENTITY, servePages, startPageWorld } from './page-world.ts';
import { run } from './programs.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { ServiceProcess } from './service-process.ts';
import type { World } from './world.ts';

const TOKEN = 'a-token-of-the-page-0123';
const directory = mkdtempSync(join(tmpdir(), 'traffic-events-serve-'));

let world: World;
let database: PostgresUnderTest;
let server: ServiceProcess;
let url: string;
beforeAll(async () => {
  ({ world, database } = await startPageWorld());
  await makeReader();
  const reader = new URL(database.url);
  [reader.username, reader.password] = ['page_reader', 'secret'];
  ({ process: server, url } = await servePages(world, { url: reader.href }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await database.query('DROP ROLE page_reader').catch(() => {});
  rmSync(directory, { recursive: true });
});

/** A role that may read, and nothing else. */
async function makeReader(): Promise<void> {
  await database.query("CREATE ROLE page_reader LOGIN PASSWORD 'secret'");
  await database.query('GRANT USAGE ON SCHEMA traffic_events TO page_reader');
  await database.query('GRANT SELECT ON ALL TABLES IN SCHEMA traffic_events TO page_reader');
}

const page = async (path: string) => {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const query = (parameters: Readonly<Record<string, string>>) =>
  new URLSearchParams(parameters).toString();

describe('the pages, read by a role that may only read', () => {
  test('the first screen shows every account and stream up to yesterday', async () => {
    const { status, text } = await page('/');
    expect(status).toBe(200);
    expect(text).toContain(`>${DSP}</a>`);
    expect(text).toContain(`>${ENTITY}</a>`);
    expect(text).toContain('2026-01-05 to 2026-01-11');
    expect(text).toMatch(/dsp_clicks<\/th><td><svg[^>]+aria-label="4 whole, 3 provisional"/);
    expect(text).toContain('All is well.');
    expect(text).toMatch(
      /<td>equal<\/td><td><details><summary>\d+\.\d %<\/summary>Clicks \d+\.\d %<br>/,
    );
    expect(text).toContain(`Accounts without a currency: ${DSP}, ${ENTITY}.`);
    expect(text).toContain('Not collected of DE:dsp:590122334455667788: ');
  });

  test('the account page holds rows against the ledger, and leads to every date', async () => {
    const { text } = await page(`/account?${query({ id: DSP })}`);
    const [counted] = await database.query<{ rows: string }>(
      'SELECT count(*) AS rows FROM dsp_impressions',
    );
    const rows = Number(counted?.rows).toLocaleString('en-US');
    expect(text).toContain(
      `dsp_impressions</th><td class="n">${rows}</td><td class="n">${rows}</td><td>equal</td>`,
    );
    expect(text).toContain(
      `href="/date?${query({ account: DSP, date: '2026-01-07' }).replace('&', '&amp;')}"`,
    );
  });

  test('the page of a date has each execution with its sums, hash, query and run', async () => {
    const { text } = await page(`/date?${query({ account: DSP, date: '2026-01-07' })}`);
    const entries = await database.query<Record<string, string>>(
      `SELECT execution_id, raw_sha256, fingerprint, run_id, sums->>'impressions' AS impressions
         FROM extractions WHERE event_date = '2026-01-07' AND stream = 'dsp_impressions'`,
    );
    expect(entries.length).toBeGreaterThan(0);
    for (const { execution_id, raw_sha256, fingerprint, run_id, impressions } of entries) {
      for (const fact of [execution_id, raw_sha256, fingerprint, run_id])
        expect(text).toContain(fact);
      expect(text).toContain(`impressions ${Number(impressions).toLocaleString('en-US')}<`);
    }
    expect(text).toMatch(/<pre>SELECT[^<]+dsp_impressions/);
  });

  test('the page of a date has the SQL also of a stream that is no longer listed', async () => {
    const config = world.configFile(database, { streams: ['dsp_clicks'] });
    const args = ['serve', '--config', config, '--listen', '127.0.0.1:0'];
    await using later = new ServiceProcess(args, world.environment());
    const { url: address } = await later.line('page.served');
    const asked = query({ account: DSP, date: '2026-01-07' });
    const text = await (await fetch(`${String(address)}/date?${asked}`)).text();
    expect(text).toMatch(/<pre>SELECT[^<]+FROM dsp_impressions/);
  });

  test('a trend says at which grain its dates are read', async () => {
    const asked = query({ account: DSP, from: '2026-01-05', to: '2026-01-11' });
    const { text } = await page(`/trend?${asked}`);
    expect(text).toContain('Every date is read at the fine grain.');
    expect(text).not.toContain('class="change"');
  });

  test.each([
    [DSP, 'dsp_daily', 'dsp_impressions', 'impressions'],
    [DSP, 'dsp_daily', 'dsp_clicks', 'clicks'],
    [ENTITY, 'sponsored_ads_daily', 'sponsored_ads_traffic', 'impressions'],
  ])('the trend of %s in %s equals %s, date by date', async (account, view, table, metric) => {
    const truth = await database.query<{ date: string; sum: string }>(
      `SELECT event_date AS date, sum(${metric})::text AS sum FROM ${table}
        WHERE account_id = '${account}' GROUP BY event_date ORDER BY event_date`,
    );
    const asked = query({ account, view, from: '2026-01-05', to: '2026-01-11' });
    const { text: csv } = await page(`/trend.csv?${asked}`);
    const days = parse<Record<string, string>>(csv, { columns: true });
    expect(days.map((day) => [day['event_date'], day[metric]])).toEqual(
      truth.map(({ date, sum }) => [date, sum]),
    );
    const { text } = await page(`/trend?${asked}`);
    for (const { date, sum } of truth) {
      expect(text).toMatch(
        new RegExp(`>${date}</a>.*<td class="n">${Number(sum).toLocaleString('en-US')}</td>`),
      );
    }
  });

  test('runs, and what each of them entered', async () => {
    const { text } = await page('/runs');
    const [run] = await database.query<{ id: string }>('SELECT run_id AS id FROM extractions');
    expect(text).toContain(`>${run?.id}</a>`);
    const { text: entries } = await page(`/runs?${query({ run: run?.id ?? '' })}`);
    expect(entries).toContain('2026-01-05');
  });
});

describe('what cannot be shown', () => {
  test.each([
    ['/account', 400, 'id: expected one, got none'],
    [`/account?${query({ id: 'DE:dsp:<b>' })}`, 400, 'no account DE:dsp:&lt;b&gt;'],
    [`/date?${query({ account: DSP, date: '2026-02-30' })}`, 400, 'got 2026-02-30'],
    [`/trend?${query({ account: DSP, from: '2026-02-01', to: '2026-01-01' })}`, 400, 'is after'],
    [`/trend?${query({ account: DSP, from: '2000-01-01' })}`, 400, '1100 dates at most'],
    [`/account?${query({ id: DSP, to: '9999-12-31' })}`, 400, 'to: 9999-12-31 is after 2026-01-'],
    [`/trend?${query({ account: DSP, to: '0001-01-01' })}`, 400, 'to: 0001-01-01 is before'],
    [`/date?${query({ account: DSP, date: '9999-12-31' })}`, 400, 'date: 9999-12-31 is after'],
    [`/runs?${query({ run: '\0' })}`, 400, 'run: expected text without control characters'],
    [
      `/date?${query({ account: '\0', date: '2026-01-07' })}`,
      400,
      'account: expected text without',
    ],
    [`/trend.csv?${query({ account: DSP, campaign: '\0' })}`, 400, 'campaign: expected text'],
    [`/trend?${query({ account: DSP, view: 'pg_roles' })}`, 400, 'dsp_daily, adserver_daily'],
    ['/no-such-page', 404, 'There is no such page.'],
  ])('%s', async (path, status, message) => {
    const answer = await page(path);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(message)]);
  });

  test.each([
    ['adserver_daily', 'adserver_daily'],
    // A version of old made the one without the other.
    ['dsp_account_daily', 'dsp_daily'],
  ])('a view that is gone, nor its CSV; the first screen names %s', async (gone, view) => {
    await database.query(`DROP VIEW traffic_events.${gone}`);
    for (const path of ['/trend', '/trend.csv']) {
      for (const of of [{}, { campaign: 'a' }]) {
        const answer = await page(`${path}?${query({ account: DSP, view, ...of })}`);
        expect([answer.status, answer.text]).toEqual([
          400,
          expect.stringContaining(`view: ${gone} is not there yet; run traffic-events views`),
        ]);
      }
    }
    const { text } = await page('/');
    expect(text).toMatch(
      new RegExp(`not what this version makes of the tables: [^.]*\\b${gone}\\b`),
    );
  });

  test('a page is bound to itself: no script, no frame, no other place, nothing kept', async () => {
    const { headers } = await page('/');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
  });

  test('a name of somebody else that leads here is refused', async () => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const asked = request(url, { headers: { host: 'evil.example' } }, (response) =>
      resolve(response.resume().statusCode),
    );
    asked.end();
    expect(await promise).toBe(403);
  });
});

const basic = (password: string) => `Basic ${btoa(`anybody:${password}`)}`;

describe('a token', () => {
  const file = join(directory, 'token');

  test('is asked for as a password or as a bearer token', async () => {
    writeFileSync(file, `${TOKEN}\n`);
    const { process: own, url: guarded } = await servePages(world, database, '--token-file', file);
    await using _ = own;
    const statusOf = async (authorization?: string) =>
      (await fetch(guarded, { headers: authorization === undefined ? {} : { authorization } }))
        .status;
    expect(await statusOf()).toBe(401);
    expect(await statusOf(basic(`${TOKEN}x`))).toBe(401);
    expect(await statusOf(basic(TOKEN))).toBe(200);
    expect(await statusOf(`Bearer ${TOKEN}`)).toBe(200);
  });

  test.each([
    [['--listen', '0.0.0.0:0'], 'others can reach it. Name a file with a token by --token-file'],
    [['--token-file', '/nowhere/token'], 'cannot be read (ENOENT)'],
  ])('%j is a wrong configuration', async (args, message) => {
    const config = world.configFile(database);
    const ended = await run('traffic-events', ['serve', '--config', config, ...args]);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

test('status --html writes one file that leads nowhere else', async () => {
  const file = join(directory, 'status.html');
  const args = ['status', '--html', file, '--config', world.configFile(database)];
  const ended = await run('traffic-events', args, world.environment());
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('All is well.');
  expect(text).toContain('<h2>2026-01</h2>');
  expect(
    [...text.matchAll(/(?:href|src)="([^"]*)"/g)].filter(
      ([, to]) => !/^(?:#|data:)/.test(to ?? ''),
    ),
  ).toEqual([]);
});
