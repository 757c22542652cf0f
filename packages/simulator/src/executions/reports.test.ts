import { expect, test } from 'vitest';
import { ApiCaller, executionOf } from '../testing/api-caller.ts';
import { DSP, ENTITY, explicitWindow, startTestSimulator } from '../testing/simulators.ts';

const WEEK = explicitWindow('2026-01-25', '2026-02-01');
const IVT = { reportType: 'IVT_REPORT', timeWindow: WEEK };
const PAGE_URL = { reportType: 'PAGE_URL_REPORT', timeWindow: WEEK };

async function start(now = '2026-02-08T00:00:00Z') {
  const simulator = await startTestSimulator({ now, maxActiveExecutions: 100 });
  return { simulator, caller: await ApiCaller.signIn(simulator, DSP) };
}

const sumOf = (lines: readonly string[], column: number) =>
  lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[column]), 0);

test('the invalid traffic report has a column per vendor and says why a row was filtered', async () => {
  const { caller } = await start();
  const lines = await caller.query(IVT);
  expect(lines[0]).toBe(
    'impression_date,advertiser_id,advertiser,campaign_id,campaign,line_item_id,line_item,total_impressions_served,AdLoox_invalid_impressions,IAS_invalid_impressions,filtered_reason',
  );
  expect(lines.some((line) => line.includes('users < 2 required'))).toBe(true);
  const [onlyIas] = await caller.query({ ...IVT, vendors: ['IAS'] });
  expect(onlyIas).not.toContain('AdLoox');
});

test('vendors correct themselves for weeks', async () => {
  const { caller, simulator } = await start('2026-02-01T00:00:00Z');
  const early = sumOf(await caller.query(IVT), 9);
  simulator.clock.advanceTo(Date.parse('2026-02-22T00:00:00Z'));
  const later = await ApiCaller.signIn(simulator, DSP);
  expect(sumOf(await later.query(IVT), 9)).toBeGreaterThan(early);
});

test('the page URL report can be had for twelve months, long after its events have expired', async () => {
  const { caller, simulator } = await start();
  const lines = await caller.query(PAGE_URL);
  expect(lines[0]).toBe(
    'impression_date,advertiser_id,advertiser,campaign_id,campaign,line_item_id,line_item,page_url,impressions,filtered_reason',
  );
  simulator.clock.advanceTo(Date.parse('2026-09-01T00:00:00Z'));
  const later = await ApiCaller.signIn(simulator, DSP);
  expect(sumOf(await later.query(PAGE_URL), 8)).toBe(sumOf(lines, 8));
  simulator.clock.advanceTo(Date.parse('2027-03-01T00:00:00Z'));
  const tooLate = await ApiCaller.signIn(simulator, DSP);
  expect(await tooLate.query(PAGE_URL)).toHaveLength(1);
});

test('page URLs have arrived after 48 hours', async () => {
  const { caller, simulator } = await start('2026-02-03T00:00:00Z');
  const settled = sumOf(await caller.query(PAGE_URL), 8);
  simulator.clock.advanceTo(Date.parse('2026-02-06T00:00:00Z'));
  const later = await ApiCaller.signIn(simulator, DSP);
  expect(sumOf(await later.query(PAGE_URL), 8)).toBe(settled);
});

test.each([
  ['campaignIds', 'campaignId', 3],
  ['lineItemIds', 'lineItemId', 5],
])('page URLs can be had for some %s, or %s', async (plural, singular, column) => {
  const { caller } = await start();
  const all = await caller.query(PAGE_URL);
  const id = all[1]!.split(',')[column]!;
  const some = await caller.query({ ...PAGE_URL, [plural]: [id] });
  expect(some.length).toBeGreaterThan(1);
  expect(some.length).toBeLessThan(all.length);
  expect(await caller.query({ ...PAGE_URL, [singular]: id })).toEqual(some);
});

test.each([
  [{ reportType: 'OTHER' }, "reportType 'OTHER' must be IVT_REPORT or PAGE_URL_REPORT"],
  [{ ...IVT, vendors: ['DV'] }, "vendor 'DV' must be one of AdLoox, IAS"],
  [
    { ...IVT, timeWindow: { type: 'MOST_RECENT_DAY' } },
    'timeWindow type must be one of EXPLICIT, MOST_RECENT_WEEK, CURRENT_MONTH for IVT_REPORT',
  ],
  [{ reportType: 'IVT_REPORT' }, 'timeWindow type must be one of'],
  [
    { ...IVT, timeWindow: { ...WEEK, end: '2026-01-31T12:00:00' } },
    "timeWindow '2026-01-31T12:00:00' must be in the following format 00:00:00",
  ],
])('a report of %j is refused', async (body, details) => {
  const { caller } = await start();
  const answer = await caller.create(body);
  expect([answer.status, answer.json.details]).toEqual([400, expect.stringContaining(details)]);
});

test('sponsored ads entities have the invalid traffic report, but no page URLs', async () => {
  const { simulator } = await start();
  const entity = await ApiCaller.signIn(simulator, ENTITY);
  expect((await entity.create(IVT)).status).toBe(200);
  const refused = await entity.create(PAGE_URL);
  expect([refused.status, refused.json.details]).toEqual([
    400,
    'PAGE_URL_REPORT is only available to DSP advertisers',
  ]);
});

test('answers about a report leave out what its samples leave out', async () => {
  const { caller } = await start();
  const execution = executionOf(await caller.create({ ...IVT, workflowId: 'ivt-1' }));
  expect(Object.keys(execution).sort()).toEqual([
    'createTime',
    'lastUpdatedTime',
    'reportType',
    'status',
    'timeWindow',
    'workflowExecutionId',
  ]);
});
