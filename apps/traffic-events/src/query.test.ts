import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { silentLogger } from '@traffic-events/client';
import type { Account, LogFields } from '@traffic-events/client';
import { exitCodeOfError } from '@traffic-events/program';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { windowOf } from '@traffic-events/slice';
import { afterEach, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { withSqlApart } from './commands/query.ts';
import { csvResult, jsonResult, tableResult } from './query-result.ts';
import type { ResultFormat } from './query-result.ts';
import { runQuery } from './query.ts';

const ACCOUNT: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' };
const BY_SOURCE = 'SELECT supply_source, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1';

const started: Simulator[] = [];
afterEach(() => Promise.all(started.splice(0).map((simulator) => simulator.close())));

async function contextWith(options: Partial<SimulatorOptions>) {
  const clock = new SimulatedClock({ originMs: Date.parse('2026-02-01T06:00:00Z'), scale: 10_000 });
  const simulator = await startSimulator({
    clock,
    accounts: [ACCOUNT],
    events: { kind: 'generated', fromDate: '2026-01-25', days: 1, eventsPerDay: 200 },
    executionDurationMs: 1_000,
    ...options,
  });
  started.push(simulator);
  const { clientId, clientSecret, refreshToken } = simulator.credentials;
  const config = parseConfig(
    JSON.stringify({
      credentials: {
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
      },
      api_url: simulator.url,
      token_url: `${simulator.url}/auth/o2/token`,
      start_date: '2026-01-25',
      accounts: [{ marketplace: 'DE', advertiser_id: '1234' }],
      warehouse: 'postgres://u:p@h/d',
    }),
    'test',
    {},
  );
  const warnings: string[] = [];
  const warn = (fields: object, event: string) => {
    if (event.startsWith('query.')) warnings.push(`${event} ${JSON.stringify(fields)}`);
  };
  const logger = { ...silentLogger, warn };
  const { signal } = new AbortController();
  return { warnings, here: { config, clock, logger, events: logger, signal } };
}

const query = (sqlQuery: string) => ({
  account: ACCOUNT,
  asked: { sqlQuery, window: windowOf('2026-01-25') },
});

async function printed(options: Partial<SimulatorOptions>, sqlQuery = BY_SOURCE) {
  const { here, warnings } = await contextWith(options);
  const output = new PassThrough();
  const bytes = buffer(output);
  await runQuery(here, query(sqlQuery), output);
  output.end();
  return { text: (await bytes).toString(), warnings };
}

test('prints one CSV, whatever parts the result comes in', async () => {
  const { text: whole } = await printed({});
  expect(whole.split('\n').length).toBeGreaterThan(4);
  for (const options of [
    { partFiles: 3 },
    { partFiles: 3, gzip: true },
    { partFiles: 3, gzip: 'twice' },
    { partFiles: 2, partHeaders: 'first' },
    { partFiles: 2, partHeaders: 'again' },
    { partFiles: 3, partColumns: 'reversed' },
    { partFiles: 3, urlTokens: 'same', secondUrlKey: 'same' },
  ] as const) {
    expect(await printed(options)).toEqual({ text: whole, warnings: [] });
  }
  const marked = await printed({ partFiles: 3, byteOrderMark: true });
  expect(marked.text).toBe(`\uFEFF${whole}`);
});

test('says what is in doubt of a result, and that nothing was listed', async () => {
  const doubted = await printed({ secondUrlKey: 'different' });
  expect(doubted.warnings).toEqual([expect.stringMatching(/^query.doubt .*name different files/)]);
  const nothing = "SELECT SUM(impressions) AS n FROM dsp_impressions WHERE campaign = 'none'";
  expect(await printed({ emptyResult: 'no_file' }, nothing)).toEqual({
    text: '',
    warnings: [expect.stringMatching(/^query.no_file .*does not say that the result is empty/)],
  });
});

test.each<[string, Partial<SimulatorOptions>, string]>([
  [
    'a query that is REJECTED',
    {},
    'SELECT nothing, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1',
  ],
  ['a query that is refused before it is sent', {}, 'SELECT * FROM dsp_impressions'],
  ['no access', { accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '9' }] }, BY_SOURCE],
  [
    'storage that refuses',
    { faults: { rules: [{ operation: 'download', times: null, fault: { kind: 'url_refused' } }] } },
    BY_SOURCE,
  ],
])('is refused by the service and no fault of the program: %s', async (_, options, sqlQuery) => {
  const error = await printed(options, sqlQuery).catch((caught: unknown) => caught);
  expect(exitCodeOfError(error), String(error)).toBe(8);
});

test('a result that cannot be read is no fault of the program either', async () => {
  const cut = { kind: 'shortened', share: 0.5 } as const;
  const faults = { rules: [{ operation: 'download' as const, times: null, fault: cut }] };
  const error = await printed({ gzip: true, faults }).catch((caught: unknown) => caught);
  expect(exitCodeOfError(error), String(error)).toBe(5);
});

test('ends well when whoever reads it has enough', async () => {
  const { here } = await contextWith({});
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('closed'), { code: 'EPIPE' })),
  });
  await expect(runQuery(here, query(BY_SOURCE), output)).resolves.toBeUndefined();
});

test('prints objects for machines and a table for people', async () => {
  const { here } = await contextWith({ partFiles: 2 });
  const written = async (format: ResultFormat) => {
    const output = new PassThrough();
    const bytes = buffer(output);
    await runQuery(here, query(BY_SOURCE), output, format);
    output.end();
    return (await bytes).toString();
  };
  const [header = '', ...lines] = (await written(csvResult)).trim().split('\n');
  const objects = JSON.parse(await written(jsonResult)) as object[];
  expect(objects).toHaveLength(lines.length);
  expect(Object.keys(objects[0] ?? {})).toEqual(header.split(','));
  const table = await written(tableResult(40));
  expect(table.split('\n')[0]).toMatch(/^supply_source +n$/);
  expect(Math.max(...table.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(40);
  const nothing = "SELECT SUM(impressions) AS n FROM dsp_impressions WHERE campaign = 'none'";
  const output = new PassThrough();
  const bytes = buffer(output);
  await runQuery(
    (await contextWith({ emptyResult: 'no_file' })).here,
    query(nothing),
    output,
    jsonResult,
  );
  output.end();
  expect((await bytes).toString()).toBe('[]\n');
});

test.each([
  ['while it runs', 'query.created', 3_600_000],
  ['while its result is downloaded', 'SUCCEEDED', 1_000],
])('a query that was left %s is fetched by its execution', async (_, moment, duration) => {
  const { here, warnings } = await contextWith({ executionDurationMs: duration });
  const leaving = new AbortController();
  const info = (fields: LogFields, event: string) => {
    if ([event, fields['status']].includes(moment)) leaving.abort();
  };
  const logger = { ...here.logger, info };
  const left = runQuery(
    { ...here, logger, signal: leaving.signal },
    query(BY_SOURCE),
    new PassThrough(),
  );
  await expect(left).rejects.toThrow(/abort/i);
  const again = /"traffic-events query --account DE:dsp:1234 --execution (\S+)"/;
  const [, id = ''] = again.exec(warnings[0] ?? '') ?? [];
  const output = new PassThrough();
  const bytes = buffer(output);
  await runQuery(here, { account: ACCOUNT, asked: { executionId: id } }, output);
  output.end();
  expect((await bytes).toString()).toMatch(/^supply_source,n\n/);
});

test('SQL that begins with a comment is no option', () => {
  const argv = ['node', 'main', 'query', '-- by day\nSELECT 1', '--from', '2026-01-31', '--to=x y'];
  expect(withSqlApart(argv)).toEqual(argv.with(3, ` ${argv[3]}`));
});
