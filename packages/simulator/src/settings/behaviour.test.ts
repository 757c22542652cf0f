import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { BehaviourOverrides, Simulator } from '../index.ts';
import { ApiCaller, executionOf, request, requestToken } from '../testing/api-caller.ts';
import { DSP, ENTITY, explicitWindow, startTestSimulator, TOTALS } from '../testing/simulators.ts';

async function start(behaviour: Partial<BehaviourOverrides> = {}) {
  const simulator = await startTestSimulator(behaviour);
  return { simulator, caller: await ApiCaller.signIn(simulator, DSP) };
}

const WEEK = explicitWindow('2026-01-25', '2026-02-01');

/** The raw files of a query over the week. */
async function filesOf(
  { simulator, caller }: { simulator: Simulator; caller: ApiCaller },
  sqlQuery: string,
  more: object = {},
): Promise<Buffer[]> {
  const created = await caller.create({ sqlQuery, timeWindow: WEEK, ...more });
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const urls = await caller.downloadUrls(executionOf(created).workflowExecutionId);
  return Promise.all(
    (urls.json.downloadUrls as string[]).map(async (url) =>
      Buffer.from(await (await fetch(url)).arrayBuffer()),
    ),
  );
}

const fileOf = async (...args: Parameters<typeof filesOf>) =>
  (await filesOf(...args)).map(String).join('');

test('executions are answered nested or flat', async () => {
  const nested = await start();
  expect((await nested.caller.create({ sqlQuery: TOTALS })).json).toHaveProperty(
    'workflowExecution.timeWindow.startOriginal',
  );
  const flat = await start({ responseShape: 'flat' });
  const answer = (await flat.caller.create({ sqlQuery: TOTALS })).json;
  expect(answer).toMatchObject({
    timeWindowStart: '2026-01-31T00:00:00Z',
    timeWindowTimeZoneOriginal: 'UTC',
    executionCategory: 'AD_HOC',
    dataGaps: [],
  });
});

test.each([402, 422, 400, 429] as const)('too many executions are answered %d', async (status) => {
  const { caller } = await start({ capacityStatus: status, maxActiveExecutions: 1 });
  await caller.create({ sqlQuery: TOTALS });
  const answer = await caller.create({ sqlQuery: TOTALS });
  expect([answer.status, answer.json.details]).toEqual([
    status,
    expect.stringContaining('execution limit of 1 workflowExecutions'),
  ]);
});

test('slots can be held by other programs', async () => {
  const { caller } = await start({ slotsHeldByOthers: 5 });
  expect((await caller.create({ sqlQuery: TOTALS })).status).toBe(422);
});

test('a window can be nested or flat, and its zone has several names', async () => {
  const { caller } = await start();
  const start1 = '2026-01-30T00:00:00';
  const end1 = '2026-01-31T00:00:00';
  const zone = 'Europe/Berlin';
  const bodies = [
    { timeWindow: { type: 'EXPLICIT', start: start1, end: end1, timezone: zone } },
    { timeWindow: { type: 'EXPLICIT', start: start1, end: end1, timeZone: zone } },
    {
      timeWindowType: 'EXPLICIT',
      timeWindowStart: start1,
      timeWindowEnd: end1,
      timeWindowTimeZone: zone,
    },
  ];
  for (const body of bodies) {
    const execution = executionOf(await caller.create({ sqlQuery: TOTALS, ...body }));
    expect(execution.timeWindow).toEqual({
      type: 'EXPLICIT',
      start: '2026-01-29T23:00:00Z',
      end: '2026-01-30T23:00:00Z',
      startOriginal: start1,
      endOriginal: end1,
      timeZoneOriginal: zone,
    });
  }
});

test.each([
  ['MOST_RECENT_HOUR', '2026-02-01T05:00:00Z', '2026-02-01T06:00:00Z'],
  ['MOST_RECENT_24_HOURS', '2026-01-31T06:00:00Z', '2026-02-01T06:00:00Z'],
  ['MOST_RECENT_DAY', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z'],
  ['MOST_RECENT_WEEK', '2026-01-25T00:00:00Z', '2026-02-01T00:00:00Z'],
  ['CURRENT_MONTH', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'],
  ['PREVIOUS_MONTH', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
])('window type %s is %s to %s', async (type, from, to) => {
  const { caller } = await start();
  const execution = executionOf(await caller.create({ sqlQuery: TOTALS, timeWindow: { type } }));
  expect(execution.timeWindow).toMatchObject({ start: from, end: to });
});

test.each([
  [{ timeWindow: { type: 'ALL' } }, "timeWindow type 'ALL' is not supported"],
  [{ timeWindow: { type: 'EXPLICIT', start: '2026-01-01', end: '2026-01-02' } }, "'2026-01-01'"],
  [{ timeWindow: { type: 'EXPLICIT' } }, 'timeWindow start is required'],
  [{ timeWindow: { type: 'MOST_RECENT_DAY', timezone: 'Mars' } }, "time zone 'Mars' is unknown"],
  [{ workflowId: 'a b' }, "workflowId 'a b'"],
  [{ sqlQuery: '' }, 'sqlQuery is required'],
])('a create with %j is refused', async (change, details) => {
  const { caller } = await start();
  const answer = await caller.create({ sqlQuery: TOTALS, ...change });
  expect([answer.status, answer.json.details]).toEqual([400, expect.stringContaining(details)]);
});

test('line breaks in a query are refused by the switch', async () => {
  const broken = TOTALS.replace(' FROM', '\nFROM');
  const lenient = await start();
  expect((await lenient.caller.create({ sqlQuery: broken })).status).toBe(200);
  const strict = await start({ singleLineSql: true });
  expect((await strict.caller.create({ sqlQuery: broken })).status).toBe(400);
});

const ENTITY_HEADERS = {
  'Amazon-Advertising-API-EntityId': 'ENTITY1',
  'Amazon-Advertising-API-Entity-Id': undefined,
};
const OTHER_ENTITY_HEADERS = {
  'Amazon-Advertising-API-EntityId': undefined,
  'Amazon-Advertising-API-Entity-Id': 'ENTITY1',
};

test.each([
  ['both', 200, 200],
  ['EntityId', 200, 400],
  ['Entity-Id', 400, 200],
] as const)(
  'with entityHeader %s the spellings are answered %d and %d',
  async (entityHeader, one, other) => {
    const simulator = await startTestSimulator({ entityHeader });
    const caller = await ApiCaller.signIn(simulator, ENTITY);
    const sqlQuery = 'SELECT SUM(clicks) AS clicks FROM sponsored_ads_traffic';
    expect((await caller.with(ENTITY_HEADERS).create({ sqlQuery })).status).toBe(one);
    expect((await caller.with(OTHER_ENTITY_HEADERS).create({ sqlQuery })).status).toBe(other);
  },
);

test('the advertiser header of the sibling service is known, too, unless switched off', async () => {
  const sibling = {
    'Amazon-Advertising-Advertiser-Id': undefined,
    'Amazon-Advertising-API-AdvertiserId': '1234',
  };
  const both = await start();
  expect((await both.caller.with(sibling).create({ sqlQuery: TOTALS })).status).toBe(200);
  const one = await start({ advertiserHeader: 'Advertiser-Id' });
  expect((await one.caller.with(sibling).create({ sqlQuery: TOTALS })).status).toBe(400);
});

test.each([
  [{ 'Amazon-Advertising-API-EntityId': 'ENTITY1' }, 400],
  [{ 'Amazon-Advertising-Advertiser-Id': undefined }, 400],
  [{ 'Amazon-Advertising-API-MarketplaceId': undefined }, 400],
  [{ 'Amazon-Advertising-API-MarketplaceId': 'ATVP/DKIKX0DER' }, 400],
  [{ 'Amazon-Advertising-API-ClientId': undefined }, 400],
  [{ 'Amazon-Advertising-API-ClientId': 'other' }, 401],
  [{ 'Amazon-Advertising-Advertiser-Id': '9999' }, 403],
  [{ Authorization: 'Bearer none' }, 401],
  [{ Authorization: undefined }, 401],
])('headers changed to %j are answered %d', async (headers, status) => {
  const { caller } = await start();
  expect((await caller.with(headers).create({ sqlQuery: TOTALS })).status).toBe(status);
});

test('an account without access is answered 401 by the switch', async () => {
  const { caller } = await start({ noAccessStatus: 401 });
  const other = caller.with({ 'Amazon-Advertising-Advertiser-Id': '9999' });
  expect((await other.create({ sqlQuery: TOTALS })).status).toBe(401);
});

test('a host serves its region only, if it is told so', async () => {
  const { caller } = await start({ region: 'NA' });
  expect((await caller.create({ sqlQuery: TOTALS })).json.details).toBe(
    'Marketplace DE is not served by the NA endpoint',
  );
});

test('lists can be had by POST and by GET, under three keys, or not at all', async () => {
  const both = await start();
  await both.caller.create({ workflowId: 'a', sqlQuery: TOTALS });
  const posted = await both.caller.call('POST', '/avc/workflowexecutions/4f3c', {
    workflowId: 'a',
  });
  const got = await both.caller.call('GET', '/avc/workflowexecutions?workflowId=a');
  expect(posted.json).toEqual(got.json);
  expect(got.json.executions).toHaveLength(1);
  const array = await start({ listKey: 'array', listOperation: 'get' });
  await array.caller.create({ workflowId: 'a', sqlQuery: TOTALS });
  expect(
    (await array.caller.call('GET', '/avc/workflowexecutions?workflowId=a')).json,
  ).toHaveLength(1);
  expect(
    (await array.caller.call('POST', '/avc/workflowexecutions/list', { workflowId: 'a' })).status,
  ).toBe(404);
});

test('a list comes in pages, some of them empty, newest first, without cancelled executions', async () => {
  const { caller, simulator } = await start({ listPageSize: 2, emptyListPages: true });
  const ids: string[] = [];
  for (const workflowId of ['a', 'b', 'c', 'd']) {
    ids.push(
      executionOf(await caller.create({ workflowId, sqlQuery: TOTALS })).workflowExecutionId,
    );
    simulator.clock.advanceTo(simulator.clock.now() + 1000);
  }
  await caller.call('PUT', `/avc/workflowexecutions/${ids[1]}`, { status: 'CANCELLED' });
  const pages: string[][] = [];
  let nextToken: string | null = '';
  while (nextToken !== null) {
    const page = await caller.call('POST', '/avc/workflowexecutions/list', {
      minCreationTime: '2026-02-01T00:00:00',
      nextToken,
    });
    pages.push(page.json.executions.map((each: { workflowId: string }) => each.workflowId));
    nextToken = page.json.nextToken;
  }
  expect(pages).toEqual([[], ['d', 'c'], [], ['a']]);
});

/** Workflow ids page by page, `most` pages at most, of five executions from `a` to `e`. */
async function pagesOf(behaviour: Partial<BehaviourOverrides>, most = 6): Promise<string[]> {
  const { caller } = await start({ listPageSize: 2, maxActiveExecutions: 9, ...behaviour });
  for (const workflowId of ['a', 'b', 'c', 'd', 'e']) {
    await caller.create({ workflowId, sqlQuery: TOTALS });
  }
  const pages: string[] = [];
  let nextToken: string | null = '';
  while (nextToken !== null && pages.length < most) {
    const query = { minCreationTime: '2026-02-01T00:00:00', sortAscending: true, nextToken };
    const { json } = await caller.call('POST', '/avc/workflowexecutions/list', query);
    pages.push(json.executions.map((each: { workflowId: string }) => each.workflowId).join(''));
    nextToken = json.nextToken;
  }
  return pages;
}

test.each<[string, Partial<BehaviourOverrides>, string[]]>([
  ['whole', {}, ['ab', 'cd', 'e']],
  ['without a page', { listSkipsPages: [2] }, ['ab', 'e']],
  ['without its first and last page', { listSkipsPages: [1, 3] }, ['cd']],
  ['without some executions', { listHidesEvery: 2 }, ['ac', 'e']],
  ['without new executions', { listLagSeconds: 60 }, ['']],
  ['with one token at its end', { listEnd: 'same_token' }, ['ab', 'cd', 'e', 'e', 'e', 'e']],
  ['from the first page again', { listEnd: 'repeats' }, ['ab', 'cd', 'e', 'ab', 'cd', 'e']],
  ['with empty pages for ever', { listEnd: 'empty_pages' }, ['ab', 'cd', 'e', '', '', '']],
])('a list can come %s', async (_, behaviour, pages) => {
  expect(await pagesOf(behaviour)).toEqual(pages);
});

test('times that no date can hold are refused', async () => {
  for (const name of ['urlTtlSeconds', 'tokenTtlSeconds', 'resultTtlSeconds', 'listLagSeconds']) {
    await expect(start({ [name]: 1e12 })).rejects.toThrow(name);
  }
  await expect(start({ executionDurationMs: 1e300 })).rejects.toThrow('executionDurationMs');
});

test('answers can lack fields, and a list can ignore what it was asked for', async () => {
  const { caller } = await start({
    createOmits: ['workflowId'],
    getOmits: ['expireTime'],
    listOmits: ['createTime'],
    listIgnoresFilter: true,
  });
  const created = executionOf(await caller.create({ workflowId: 'a', sqlQuery: TOTALS }));
  const got = executionOf(await caller.get(created.workflowExecutionId));
  const { json } = await caller.call('POST', '/avc/workflowexecutions/list', { workflowId: 'b' });
  const fields = ['workflowId', 'createTime', 'expireTime'];
  const had = [created, got, json.executions[0]].map((each: object) =>
    fields.filter((field) => field in each),
  );
  expect(had).toEqual([
    ['createTime', 'expireTime'],
    ['workflowId', 'createTime'],
    ['workflowId', 'expireTime'],
  ]);
});

test('a list needs a workflowId or a minCreationTime', async () => {
  const { caller } = await start();
  expect((await caller.call('GET', '/avc/workflowexecutions')).status).toBe(400);
});

test('an execution that has ended cannot be cancelled', async () => {
  const { caller, simulator } = await start();
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const answer = await caller.call('PUT', `/avc/workflowexecutions/${id}`, { status: 'CANCELLED' });
  expect(answer.status).toBe(400);
});

test('instants have seconds or milliseconds', async () => {
  const { caller, simulator } = await start({ timestampPrecision: 'milliseconds' });
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:00:00.339Z'));
  expect(executionOf(await caller.create({ sqlQuery: TOTALS })).createTime).toBe(
    '2026-02-01T06:00:00.339Z',
  );
});

test.each(['workflowExecutionStatusReason', 'failureReason', 'details'] as const)(
  'the reason of a failure can be under %s',
  async (reasonKey) => {
    const { caller, simulator } = await start({ reasonKey });
    const id = executionOf(await caller.create({ sqlQuery: 'SELECT 1' })).workflowExecutionId;
    simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
    expect(executionOf(await caller.get(id))[reasonKey]).toContain('aggregate function');
  },
);

test('an error is worded by the API or by a gateway', async () => {
  const { caller } = await start();
  expect((await caller.get('none')).json).toMatchObject({
    code: '404',
    details: 'Workflow execution with ID none not found',
  });
  const gateway = await start({ errorShape: 'message' });
  expect((await gateway.caller.get('none')).json).toEqual({
    message: 'Workflow execution with ID none not found',
  });
});

test('download URLs come under several keys, as text or as objects', async () => {
  const { caller, simulator } = await start({
    urlKey: 'urls',
    urlShape: 'object',
    metadataUrls: false,
  });
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const answer = (await caller.downloadUrls(id)).json;
  expect(Object.keys(answer)).toEqual(['urls', 'nextToken']);
  expect((await request(answer.urls[0].url)).status).toBe(200);
});

test('downloads may be redirected', async () => {
  const { caller, simulator } = await start({ redirectDownloads: true });
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const url = (await caller.downloadUrls(id)).json.downloadUrls[0];
  expect((await request(url, { redirect: 'manual' })).status).toBe(307);
  expect((await request(url)).text).toMatch(/^impressions\n/);
});

test('an execution may be PUBLISHING before it has SUCCEEDED, and then holds no slot', async () => {
  const simulator = await startTestSimulator({
    executionDurationMs: { pendingMs: 1000, runningMs: 1000, publishingMs: 1000 },
    maxActiveExecutions: 1,
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 2500);
  expect(executionOf(await caller.get(id)).status).toBe('PUBLISHING');
  expect((await caller.create({ sqlQuery: TOTALS })).status).toBe(200);
});

test('durations can be drawn from a seed', async () => {
  const simulator = await startTestSimulator({
    executionDurationMs: { medianMs: 900_000, sigma: 0.3, seed: 5 },
    maxActiveExecutions: 100,
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  for (let count = 0; count < 30; count++)
    await caller.create({ workflowId: 'a', sqlQuery: TOTALS });
  simulator.clock.advanceTo(simulator.clock.now() + 900_000);
  const listed = (await caller.call('GET', '/avc/workflowexecutions?workflowId=a')).json.executions;
  const done = listed.filter((each: { status: string }) => each.status === 'SUCCEEDED').length;
  expect(done).toBeGreaterThan(5);
  expect(done).toBeLessThan(25);
});

test('a dry run ends within seconds, without output', async () => {
  const { caller, simulator } = await start();
  const created = await caller.create({ sqlQuery: TOTALS, dryRun: true });
  const id = executionOf(created).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 3000);
  expect(executionOf(await caller.get(id)).status).toBe('SUCCEEDED');
  expect((await caller.downloadUrls(id)).status).toBe(404);
});

test('a result can be downloaded until the execution expires', async () => {
  const { caller, simulator } = await start({ resultTtlSeconds: 3000 });
  const created = executionOf(await caller.create({ sqlQuery: TOTALS }));
  expect(created.expireTime).toBe('2026-02-01T06:50:00Z');
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:50:00Z'));
  expect((await caller.downloadUrls(created.workflowExecutionId)).status).toBe(404);
});

test('too many queries over the same data and time are REJECTED', async () => {
  const { caller, simulator } = await start({ overlapLimit: 2, maxActiveExecutions: 10 });
  const create = async (start1: string, end1: string, sqlQuery = TOTALS) =>
    executionOf(await caller.create({ sqlQuery, timeWindow: explicitWindow(start1, end1) }))
      .workflowExecutionId as string;
  await create('2026-01-25', '2026-01-27');
  await create('2026-01-26', '2026-01-28');
  const refused = await create('2026-01-26', '2026-01-27');
  const other = await create('2026-01-28', '2026-01-29');
  const table = await create('2026-01-26', '2026-01-27', 'SELECT SUM(clicks) AS n FROM dsp_clicks');
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const statuses = await Promise.all(
    [refused, other, table].map(async (id) => executionOf(await caller.get(id))),
  );
  expect(statuses.map((each) => each.status)).toEqual(['REJECTED', 'SUCCEEDED', 'SUCCEEDED']);
  expect(statuses[0].statusReason).toContain('too many workflows have already been run');
});

test('data gaps are reported as they are set', async () => {
  const { caller } = await start({ dataGaps: ['2026-01-31T00:00:00Z'] });
  expect(executionOf(await caller.create({ sqlQuery: TOTALS })).dataGaps).toEqual([
    '2026-01-31T00:00:00Z',
  ]);
});

const CELLS = `SELECT 'a"b' AS quoted, 'back\\slash' AS backslash, 'two
lines' AS two_lines, impression_date_utc, impression_dt_hour_utc, CAST(NULL AS INTEGER) AS nothing,
  SUM(impressions) > 0 AS positive FROM dsp_impressions
  WHERE impression_dt_hour_utc = TIMESTAMP '2026-01-30 20:00:00' GROUP BY 4, 5`;

test('cells are written as Spark writes them', async () => {
  expect(await fileOf(await start(), CELLS)).toBe(
    'quoted,backslash,two_lines,impression_date_utc,impression_dt_hour_utc,nothing,positive\n' +
      '"a\\"b","back\\\\slash","two\nlines",2026-01-30,2026-01-30T20:00:00.000,,true\n',
  );
});

test('cells are written in the other documented forms', async () => {
  const behaviour = {
    dateFormat: 'us',
    timestampFormat: 'TZ',
    booleanFormat: 'TRUE',
    nullText: 'NULL',
    escape: 'doubled',
    quoteAll: true,
    lineEnding: 'crlf',
    byteOrderMark: true,
  } as const;
  expect(await fileOf(await start(behaviour), CELLS)).toBe(
    '\uFEFF"quoted","backslash","two_lines","impression_date_utc","impression_dt_hour_utc","nothing","positive"\r\n' +
      '"a""b","back\\slash","two\nlines","1/30/2026","2026-01-30T20:00:00Z",NULL,"TRUE"\r\n',
  );
});

test('a result may come in several files with a header each, compressed', async () => {
  const query = 'SELECT supply_source, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1';
  const files = await filesOf(await start({ partFiles: 3, gzip: true }), query);
  const texts = files.map((file) => gunzipSync(file).toString());
  expect(texts).toHaveLength(3);
  expect(texts.every((text) => text.startsWith('supply_source,n\n'))).toBe(true);
});

test('a result without rows is a header, or nothing', async () => {
  const nothing = "SELECT SUM(impressions) AS n FROM dsp_impressions WHERE campaign = 'none'";
  expect(await fileOf(await start(), nothing)).toBe('n\n');
  expect(await fileOf(await start({ emptyResult: 'zero_bytes' }), nothing)).toBe('');
});

test('a metric that misses its own threshold is blanked by the switch, for one account alone', async () => {
  const query = 'SELECT creative_id, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY 1';
  const world = await start();
  const flagged = { filteredMetricsDiscriminatorColumn: 'filtered' };
  expect(await fileOf(world, query, flagged)).toMatch(/^,\d+,true$/m);
  const changed = await request(`${world.simulator.url}/_simulator/behaviour`, {
    method: 'POST',
    body: JSON.stringify({ account: 'DE:dsp:1234', blankMetrics: true }),
  });
  expect(changed.json.accounts['UK:entity:ENTITY1'].blankMetrics).toBe(false);
  expect(await fileOf(world, query, flagged)).toMatch(/^,,true$/m);
});

test('of many creates at once no more than five are accepted', async () => {
  const { caller } = await start();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => caller.create({ sqlQuery: TOTALS })),
  );
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(5);
});

test('days on which clocks change have 23 and 25 hours in their zone', async () => {
  const { caller } = await start({ maxActiveExecutions: 10 });
  const bounds = async (day: string, next: string) => {
    const timeWindow = { ...explicitWindow(day, next), timezone: 'Europe/Berlin' };
    const { start: from, end } = executionOf(
      await caller.create({ sqlQuery: TOTALS, timeWindow }),
    ).timeWindow;
    return (Date.parse(end) - Date.parse(from)) / 3_600_000;
  };
  expect(await bounds('2026-03-29', '2026-03-30')).toBe(23);
  expect(await bounds('2025-10-26', '2025-10-27')).toBe(25);
});

test('durations can be changed while the simulator runs, for one account', async () => {
  const { caller, simulator } = await start();
  await request(`${simulator.url}/_simulator/behaviour`, {
    method: 'POST',
    body: JSON.stringify({ account: 'DE:dsp:1234', executionDurationMs: 0 }),
  });
  expect(executionOf(await caller.create({ sqlQuery: TOTALS })).status).toBe('SUCCEEDED');
});

test('an account can be set apart from the run', async () => {
  const simulator = await startTestSimulator({
    responseShape: 'flat',
    accounts: [
      { ...DSP, responseShape: 'nested', errorShape: 'message', expiredTokenStatus: 403 },
      ENTITY,
    ],
  });
  const dsp = await ApiCaller.signIn(simulator, DSP);
  expect((await dsp.create({ sqlQuery: TOTALS })).json).toHaveProperty('workflowExecution');
  const entity = await ApiCaller.signIn(simulator, ENTITY);
  const sqlQuery = 'SELECT SUM(clicks) AS n FROM sponsored_ads_traffic';
  expect((await entity.create({ sqlQuery })).json).toHaveProperty('workflowExecutionId');
  expect((await entity.get('none')).json).toHaveProperty('details');
  expect((await dsp.get('none')).json).toHaveProperty('message');
  simulator.clock.advanceTo(simulator.clock.now() + 3_600_000);
  expect((await entity.get('none')).status).toBe(401);
  expect((await dsp.get('none')).status).toBe(403);
});

test('an expired token is answered 403 by the switch', async () => {
  const { caller, simulator } = await start({ expiredTokenStatus: 403, tokenTtlSeconds: 60 });
  simulator.clock.advanceTo(simulator.clock.now() + 60_000);
  expect((await caller.create({ sqlQuery: TOTALS })).status).toBe(403);
});

test('a grant of another kind is refused', async () => {
  const simulator = await startTestSimulator();
  const answer = await requestToken(simulator, { grant_type: 'password' });
  expect([answer.status, answer.json.error]).toEqual([400, 'unsupported_grant_type']);
});

test('a body that is not JSON is refused, by its type or by its text', async () => {
  const { caller, simulator } = await start();
  const post = (headers: Record<string, string>, body: string) =>
    caller.with(headers).call('POST', '/avc/workflowexecutions', body);
  expect((await post({}, '{')).status).toBe(400);
  expect((await post({ 'content-type': 'text/plain' }, '{}')).status).toBe(415);
  expect((await post({ accept: 'text/csv' }, '{}')).status).toBe(406);
  const typed = await fetch(`${simulator.url}/_simulator/clock`, { method: 'POST', body: '{' });
  expect(typed.status).toBe(400);
});

test('settings that are wrong name the key', async () => {
  await expect(startTestSimulator({ responseShape: 'round' as 'flat' })).rejects.toThrow(
    /responseShape/,
  );
});

test('a switch that does not exist is refused over HTTP', async () => {
  const { simulator } = await start();
  const answer = await request(`${simulator.url}/_simulator/behaviour`, {
    method: 'POST',
    body: JSON.stringify({ nothing: true }),
  });
  expect([answer.status, answer.json.details]).toEqual([400, expect.stringContaining('nothing')]);
});
