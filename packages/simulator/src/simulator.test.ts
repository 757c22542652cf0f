import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { SimulatedClock, startSimulator } from './index.ts';
import type { Simulator, SimulatorOptions, TruthRow } from './index.ts';
import { ApiCaller, executionOf, request, requestToken } from './testing/api-caller.ts';

const DSP = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const ENTITY = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;
const NOW = '2026-02-01T06:00:00Z';

let simulator: Simulator;

afterEach(() => simulator.close());

async function start(options: Partial<SimulatorOptions> = {}, now = NOW): Promise<void> {
  simulator = await startSimulator({
    clock: new SimulatedClock({ originMs: Date.parse(now), scale: 0 }),
    accounts: [DSP, ENTITY],
    events: { kind: 'generated', fromDate: '2026-01-01', days: 31, eventsPerDay: 300 },
    ...options,
  });
}

const explicit = (start: string, end: string) => ({
  type: 'EXPLICIT',
  start: `${start}T00:00:00`,
  end: `${end}T00:00:00`,
  timezone: 'UTC',
});

const TOTALS = 'SELECT SUM(impressions) AS impressions FROM dsp_impressions';

/** Events as the example of API.md 2.9 has them, all of the second policy. */
async function exampleFile(): Promise<string> {
  const days = [
    { date: '2023-10-01', users: ['a', 'b', 'c', 'd', 'e'], clicks: [0] },
    {
      date: '2023-10-02',
      users: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'a', 'a', 'b'],
      clicks: [0, 1],
    },
    { date: '2023-10-03', users: ['a', 'a', 'a', 'a'], clicks: [0, 1] },
    { date: '2023-10-04', users: ['a', 'a', 'a', 'a', 'a'], clicks: [0] },
  ];
  const lines = days.flatMap(({ date, users, clicks }) =>
    users.map((user, index) => {
      const click = clicks.includes(index) ? 1 : 0;
      return `${date} 12:00:0${index % 10}.000000+00:00,second,men,1,1,${click},${user}`;
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'simulator-'));
  const path = join(directory, 'events.csv');
  const first = '2023-10-01 00:00:00.000000+00:00,first,men,1,1,0,z';
  const header = 'timestamp,policy,campaign,item_id,position,click,user';
  await writeFile(path, [header, first, ...lines].join('\n'));
  return path;
}

async function workedExample(discriminator: object): Promise<string[]> {
  const path = await exampleFile();
  await start(
    { events: { kind: 'file', path, lastEventDate: '2023-10-04' } },
    '2023-10-10T00:00:00Z',
  );
  await rm(path);
  const caller = await ApiCaller.signIn(simulator, ENTITY);
  return caller.query({
    workflowId: 'example',
    sqlQuery:
      'SELECT SUM(impressions) AS impressions, SUM(clicks) AS clicks, event_date FROM sponsored_ads_traffic GROUP BY event_date',
    timeWindow: explicit('2023-10-01', '2023-10-05'),
    ...discriminator,
  });
}

test('the worked example of the documentation, without the discriminator', async () => {
  expect(await workedExample({})).toEqual(['impressions,clicks,event_date', '10,2,2023-10-02']);
});

test('the worked example of the documentation, with the discriminator', async () => {
  expect(await workedExample({ filteredMetricsDiscriminatorColumn: 'filtered' })).toEqual([
    'impressions,clicks,event_date,filtered',
    '10,2,2023-10-02,false',
    '14,4,,true',
  ]);
});

test('an execution goes PENDING, RUNNING, SUCCEEDED on the clock', async () => {
  await start();
  const caller = await ApiCaller.signIn(simulator, DSP);
  const created = await caller.create({ workflowId: 'one', sqlQuery: TOTALS });
  expect(created.status).toBe(200);
  const execution = executionOf(created);
  expect(execution).toMatchObject({
    status: 'PENDING',
    workflowId: 'one',
    createTime: '2026-02-01T06:00:00Z',
    timeWindow: { start: '2026-01-31T00:00:00Z', end: '2026-02-01T00:00:00Z' },
  });
  const id = execution.workflowExecutionId;
  expect((await caller.downloadUrls(id)).status).toBe(404);
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:05:00Z'));
  expect(executionOf(await caller.get(id)).status).toBe('RUNNING');
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:15:00Z'));
  expect(executionOf(await caller.get(id)).status).toBe('SUCCEEDED');
  const urls = await caller.downloadUrls(id);
  expect((await request(urls.json.downloadUrls[0])).text).toMatch(/^impressions\n\d+\n$/);
});

test('the Date of every answer is the simulated time, rounded down', async () => {
  await start();
  simulator.clock.advanceTo(Date.parse('2026-03-01T00:00:00.900Z'));
  const answer = await request(`${simulator.url}/_simulator/clock`);
  expect(answer.headers.get('date')).toBe('Sun, 01 Mar 2026 00:00:00 GMT');
});

test('a sixth execution is refused until one ends', async () => {
  await start();
  const caller = await ApiCaller.signIn(simulator, DSP);
  for (let count = 0; count < 5; count++) {
    expect((await caller.create({ sqlQuery: TOTALS })).status).toBe(200);
  }
  const refused = await caller.create({ sqlQuery: TOTALS });
  expect(refused.status).toBe(422);
  expect(refused.json.details).toBe(
    'You have reached your execution limit of 5 workflowExecutions that are in PENDING or RUNNING status. Try again after one or some of your execution completes.',
  );
  const other = await ApiCaller.signIn(simulator, ENTITY);
  const sponsored = 'SELECT SUM(clicks) AS clicks FROM sponsored_ads_traffic';
  expect((await other.create({ sqlQuery: sponsored })).status).toBe(200);
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:15:00Z'));
  expect((await caller.create({ sqlQuery: TOTALS })).status).toBe(200);
});

test('an answer is of its createTime: later arrivals are missing and what has expired is gone', async () => {
  await start({}, '2026-01-12T00:00:00Z');
  const caller = await ApiCaller.signIn(simulator, DSP);
  const body = { sqlQuery: TOTALS, timeWindow: explicit('2026-01-11', '2026-01-12') };
  const answerable = async (asOfMs: number) => {
    const asked = { dataSource: 'dsp_impressions', from: '2026-01-11', to: '2026-01-11' } as const;
    const [row] = await simulator.truth({ account: 'DE:dsp:1234', ...asked, asOfMs });
    return row!;
  };
  const early = await answerable(Date.parse('2026-01-12T00:00:00Z'));
  expect((await caller.query(body))[1]).toBe(early.answerable['impressions']);
  simulator.clock.advanceTo(Date.parse('2026-01-20T00:00:00Z'));
  const whole = await answerable(Date.parse('2026-01-20T00:00:00Z'));
  const again = await ApiCaller.signIn(simulator, DSP);
  expect((await again.query(body))[1]).toBe(whole.totals['impressions']);
  expect(whole.whole).toBe(true);
  expect(Number(early.totals['impressions'])).toBeLessThan(Number(whole.totals['impressions']));
  simulator.clock.advanceTo(Date.parse('2026-02-11T00:00:00Z'));
  const late = await answerable(Date.parse('2026-02-11T00:00:00Z'));
  const last = await ApiCaller.signIn(simulator, DSP);
  expect((await last.query(body))[1]).toBe(late.answerable['impressions']);
  expect(late.whole).toBe(false);
  expect(late.totals).toEqual(whole.totals);
});

const sumOf = (rows: readonly TruthRow[], metric: string) =>
  rows.reduce((sum, { totals }) => sum + Number(totals[metric]), 0);

test('the truth by dimension adds up to that of the date, and a dimension that is none is named', async () => {
  await start();
  const question = { account: 'DE:dsp:1234', from: '2026-01-10', to: '2026-01-10' };
  const asked = { ...question, dataSource: 'dsp_impressions' } as const;
  const apart = await simulator.truth({ ...asked, by: ['campaign'] });
  expect(apart.length).toBeGreaterThan(1);
  expect(new Set(apart.map(({ by }) => by['campaign'])).size).toBe(apart.length);
  expect(sumOf(apart, 'impressions')).toBe(sumOf(await simulator.truth(asked), 'impressions'));
  const pages = { ...question, dataSource: 'page_url_report' } as const;
  const byPage = await simulator.truth({ ...pages, by: ['page_url'] });
  expect(byPage.every(({ by }) => by['page_url']?.startsWith('https://'))).toBe(true);
  const [served] = await simulator.truth({ ...question, dataSource: 'ivt_report' });
  expect(sumOf(byPage, 'impressions')).toBe(Number(served?.totals['impressions']));
  await expect(simulator.truth({ ...asked, by: ['creativ'] })).rejects.toThrow(
    /^by: dsp_impressions has no dimension 'creativ'; it has advertiser, .*creative, /,
  );
  const answer = await fetch(
    `${simulator.url}/_simulator/truth?account=DE:dsp:1234&data_source=dsp_impressions&by=creativ`,
  );
  expect(answer.status).toBe(400);
});

test('Login with Amazon refuses a wrong secret and a wrong refresh token in its own words', async () => {
  await start();
  const wrongSecret = await requestToken(simulator, { client_secret: 'wrong' });
  expect(wrongSecret.status).toBe(401);
  expect(wrongSecret.json).toMatchObject({ error: 'invalid_client' });
  const wrongToken = await requestToken(simulator, { refresh_token: 'wrong' });
  expect(wrongToken.status).toBe(400);
  expect(wrongToken.json).toMatchObject({ error: 'invalid_grant' });
});

test('tokens and download URLs expire on the simulated clock', async () => {
  await start();
  const caller = await ApiCaller.signIn(simulator, DSP);
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:20:00Z'));
  const url = (await caller.downloadUrls(id)).json.downloadUrls[0];
  const refused = await request(url, { headers: { Authorization: 'Bearer x' } });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('InvalidArgument')]);
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:30:00Z'));
  const expired = await request(url);
  expect([expired.status, expired.text]).toEqual([403, expect.stringContaining('has expired')]);
  simulator.clock.advanceTo(Date.parse('2026-02-01T07:00:00Z'));
  expect((await caller.get(id)).status).toBe(401);
});

test('one advertiser id in two marketplaces is two accounts with events of their own', async () => {
  const other = { ...DSP, marketplace: 'FR' } as const;
  await start({ accounts: [DSP, other] });
  const totals = await Promise.all(
    [DSP, other].map(async (account) =>
      (await ApiCaller.signIn(simulator, account)).query({ sqlQuery: TOTALS }),
    ),
  );
  expect(totals[0]).not.toEqual(totals[1]);
});

test('a port that is taken, and a file that cannot be read, are named', async () => {
  await start();
  const port = Number(new URL(simulator.url).port);
  const settings = { accounts: [DSP, ENTITY] };
  await expect(startSimulator({ ...settings, port })).rejects.toThrow(
    `port: ${port} on 127.0.0.1 is in use; choose another, or 0 for any that is free`,
  );
  const events = { kind: 'file', path: '/nowhere/events.csv' } as const;
  await expect(startSimulator({ ...settings, events })).rejects.toThrow(
    '/nowhere/events.csv: expected a CSV file',
  );
  const account = { accounts: [DSP], events };
  await expect(startSimulator(account)).rejects.toThrow(
    'Events from a file need an account of kind sponsored_ads; there are none',
  );
  await expect(startSimulator({ ...settings, replay: { directory: '/nowhere' } })).rejects.toThrow(
    'replay.directory: /nowhere cannot be read',
  );
});

test('closing while queries run waits for them', async () => {
  await start({ executionDurationMs: 0, maxActiveExecutions: 50 });
  const caller = await ApiCaller.signIn(simulator, DSP);
  const answers = Array.from({ length: 12 }, (_, index) =>
    caller.create({ sqlQuery: `${TOTALS} WHERE impression_hour > ${index}` }).catch(() => 'broken'),
  );
  await setTimeout(30);
  await simulator.close();
  expect(await Promise.all(answers)).toHaveLength(12);
  await start();
});

test('closing again waits for the same end', async () => {
  await start();
  await Promise.all([simulator.close(), simulator.close()]);
  await expect(fetch(simulator.url)).rejects.toThrow('fetch failed');
});

test('a program that starts and closes a simulator comes to its end', async () => {
  await start();
  const script = fileURLToPath(import.meta.resolve('./testing/start-and-close.ts'));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 30_000 });
  expect(stdout).toBe('closed\n');
});

test('nothing is left open after close', async () => {
  await start();
  await (await ApiCaller.signIn(simulator, DSP)).query({ sqlQuery: TOTALS });
  await simulator.close();
  await expect(request(`${simulator.url}/_simulator/clock`)).rejects.toThrow('fetch failed');
  await start();
});
