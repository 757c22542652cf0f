import { isOverlapRefusal } from '@traffic-events/client';
import type { Account, ClientOptions, CsvColumn } from '@traffic-events/client';
import type { SimulatorOptions } from '@traffic-events/simulator';
import { describe, expect, it } from 'vitest';

import { DSP, ENTITY, SimulatedApi, WINDOW } from './simulated-api.ts';

/** The rows of the table of contradictions: the same truth, whichever way the API shows itself. */

const api = SimulatedApi.use();

type ClientSettings = Partial<ClientOptions>;

/** Impressions of a result over the true ones: 1, for the suppressed rows come with it. */
async function shareOfTruth(
  simulator: Partial<SimulatorOptions>,
  client: ClientSettings = {},
  account: Account = DSP,
): Promise<number> {
  await api.start(simulator);
  const truth = await api.impressions(account);
  const request = api.request(account, { filteredMetricsDiscriminatorColumn: 'filtered' });
  const rows = await api.rowsOf(api.account(client, account), request);
  return rows.reduce((sum, [, impressions]) => sum + Number(impressions), 0) / truth;
}

const dated: readonly CsvColumn[] = [
  { name: 'impression_date_utc', type: 'DATE' },
  { name: 'impression_dt_hour_utc', type: 'TIMESTAMP' },
  { name: 'filtered', type: 'BOOLEAN' },
  { name: 'impressions', type: 'LONG' },
];

const datedRequest = () =>
  api.request(DSP, {
    sqlQuery:
      'SELECT impression_date_utc, impression_dt_hour_utc, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY impression_date_utc, impression_dt_hour_utc',
    filteredMetricsDiscriminatorColumn: 'filtered',
  });

/** The forms that dates, hours and flags of a result have, digits of the hour and fraction left out. */
async function formsOf(simulator: Partial<SimulatorOptions>): Promise<Set<string>> {
  await api.start(simulator);
  const rows = await api.rowsOf(api.account(), datedRequest(), dated);
  const whole = rows.filter(([date]) => date !== null);
  return new Set(
    whole.map(([date, hour, filtered]) =>
      [date, hour?.replace(/T\d\d:/, 'T*:').replace('.000', ''), filtered].join(' '),
    ),
  );
}

describe('row 1, the status of the execution limit', () => {
  it.each([402, 422, 400, 429] as const)('%i means wait', async (capacityStatus) => {
    await api.start({ capacityStatus, slotsHeldByOthers: 4 });
    const account = api.account();
    const ends = await Promise.all([1, 2, 3].map(() => api.complete(account, api.request())));
    expect(ends.map(({ state }) => state)).toStrictEqual(Array(3).fill('succeeded'));
    expect(await api.executions()).toHaveLength(3);
  });
});

describe('row 2, what the limit counts', () => {
  it('PENDING and RUNNING alike: the sixth create waits here, not there', async () => {
    await api.start({ executionDurationMs: { pendingMs: 30_000, runningMs: 30_000 } });
    const account = api.account();
    const ends = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map(() => api.complete(account, api.request())),
    );
    expect(ends.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(await api.executions()).toHaveLength(7);
    expect(api.messages).not.toContain('the API says that the execution limit is reached');
  });
});

describe('row 3, the sponsored ads header', () => {
  const other = 'Amazon-Advertising-API-Entity-Id';

  it('is EntityId unless told otherwise', async () => {
    expect(await shareOfTruth({ entityHeader: 'EntityId' }, {}, ENTITY)).toBe(1);
  });

  it('is Entity-Id by option', async () => {
    expect(await shareOfTruth({ entityHeader: 'Entity-Id' }, { entityHeader: other }, ENTITY)).toBe(
      1,
    );
  });

  it('in the wrong spelling is refused with what the API says', async () => {
    await api.start({ entityHeader: 'EntityId' });
    const account = api.account({ entityHeader: other }, ENTITY);
    await expect(account.createExecution(api.request(ENTITY))).rejects.toMatchObject({
      code: 'request_refused',
      status: 400,
    });
  });
});

describe('rows 4 and 6, the DSP header and letter case', () => {
  it('is the one of this API, not of the sibling', async () => {
    expect(await shareOfTruth({ advertiserHeader: 'Advertiser-Id' })).toBe(1);
  });
});

describe('row 5, never both and never none', () => {
  it('is refused here, before anything is sent', async () => {
    await api.start();
    const both = { kind: 'dsp', marketplace: 'DE', advertiserId: '1', entityId: 'E' } as const;
    expect(() => api.account({}, both)).toThrow(/has both an advertiserId and an entityId/);
    expect(() => api.account({}, { kind: 'dsp', marketplace: 'DE' } as never)).toThrow(
      /has neither/,
    );
    expect(await api.executions()).toStrictEqual([]);
  });
});

describe('row 7, the shape of answers', () => {
  it.each(['nested', 'flat'] as const)('%s', async (responseShape) => {
    expect(await shareOfTruth({ responseShape })).toBe(1);
  });
});

describe('rows 8 and 9, how the time window is sent, and its zone', () => {
  it.each(['nested', 'flat'] as const)(
    '%s, in UTC, and echoed as asked for',
    async (createBody) => {
      await api.start();
      const created = await api.account({ createBody }).createExecution(api.request());
      expect(created.window).toStrictEqual({ ...WINDOW, timeZone: 'UTC', isClear: true });
      expect(api.warnings).toStrictEqual([]);
    },
  );
});

describe('row 10, window types', () => {
  it.each([
    'MOST_RECENT_HOUR',
    'MOST_RECENT_24_HOURS',
    'MOST_RECENT_DAY',
    'MOST_RECENT_WEEK',
    'CURRENT_MONTH',
    'PREVIOUS_MONTH',
  ] as const)('%s is taken for a query', async (window) => {
    await api.start();
    const account = api.account();
    const created = await account.createExecution(api.request(DSP, { window }));
    expect(created.window?.startMs).toBeLessThan(created.window?.endMs ?? 0);
  });

  it('are three for a templated report', async () => {
    await api.start();
    const account = api.account();
    const report = (window: unknown) =>
      account.createExecution({
        kind: 'ivt_report',
        workflowId: 'r',
        window: window as 'CURRENT_MONTH',
      });
    expect(await report('MOST_RECENT_WEEK')).toMatchObject({ state: 'active' });
    expect(await report('CURRENT_MONTH')).toMatchObject({ state: 'active' });
    expect(await report(WINDOW)).toMatchObject({ state: 'active' });
    await expect(report('PREVIOUS_MONTH')).rejects.toMatchObject({ code: 'configuration' });
  });
});

describe('row 11, bounds of templated reports', () => {
  it('must be midnights, here as there', async () => {
    await api.start();
    const window = { startMs: WINDOW.startMs, endMs: WINDOW.endMs - 3_600_000 };
    await expect(
      api.account().createExecution({ kind: 'ivt_report', workflowId: 'r', window }),
    ).rejects.toThrow(/must begin and end at midnight UTC/);
  });
});

describe('row 12, ids of page URL reports', () => {
  it.each(['plural', 'singular'] as const)('in the %s', async (pageUrlIds) => {
    await api.start();
    const account = api.account({ pageUrlIds });
    const columns: readonly CsvColumn[] = [
      { name: 'campaign_id', type: 'LONG' },
      { name: 'impressions', type: 'LONG' },
    ];
    const report = { kind: 'page_url_report', window: WINDOW } as const;
    const all = await api.rowsOf(account, { ...report, workflowId: 'all' }, columns);
    const id = all.find(([campaign]) => campaign !== null)?.[0] ?? '';
    const campaignIds = [id];
    const some = await api.rowsOf(account, { ...report, workflowId: 'some', campaignIds }, columns);
    expect(new Set(some.map(([campaign]) => campaign ?? id))).toStrictEqual(new Set([id]));
    expect(some.length).toBeLessThan(all.length);
  });
});

describe('rows 13 and 14, listing', () => {
  it.each([
    ['post', 'executions', false],
    ['get', 'workflowExecutions', true],
    ['both', 'array', false],
  ] as const)(
    'by %s, under %s, empty pages: %s',
    async (listOperation, listKey, emptyListPages) => {
      await api.start({
        listOperation,
        listKey,
        emptyListPages,
        listPageSize: listKey === 'array' ? 100 : 2,
      });
      const account = api.account();
      const requests = [1, 2, 3, 4, 5].map(() => api.request());
      for (const request of requests) await account.createExecution(request);
      const ids = await Array.fromAsync(
        account.listExecutions({ minCreationTimeMs: Date.UTC(2026, 0, 1) }),
        ({ workflowId }) => workflowId,
      );
      expect(new Set(ids)).toStrictEqual(new Set(requests.map(({ workflowId }) => workflowId)));
      expect(ids).toHaveLength(requests.length);
      const one = requests[2]!.workflowId;
      const found = await Array.fromAsync(account.listExecutions({ workflowId: one }));
      expect(found.map(({ workflowId }) => workflowId)).toStrictEqual([one]);
    },
  );

  it('not at all: a lost create is an orphan that the caller is told of', async () => {
    await api.start({
      listOperation: 'none',
      faults: { rules: [{ operation: 'create', fault: { kind: 'answer_lost' } }] },
    });
    const request = api.request();
    await expect(api.account().createExecution(request)).rejects.toMatchObject({
      code: 'create_outcome_unknown',
      workflowId: request.workflowId,
    });
    expect(await api.executions()).toHaveLength(1);
  });

  it('finds a create whose answer was lost, so that there is one execution only', async () => {
    await api.start({
      faults: { rules: [{ operation: 'create', fault: { kind: 'answer_lost' } }] },
    });
    const request = api.request();
    const found = await api.account().createExecution(request);
    expect(await api.executions()).toMatchObject([
      { id: found.id, workflowId: request.workflowId },
    ]);
  });
});

describe('row 15, timestamps in answers', () => {
  it.each(['seconds', 'milliseconds'] as const)('with %s', async (timestampPrecision) => {
    await api.start({ timestampPrecision });
    const created = await api.account().createExecution(api.request());
    const nowMs = api.simulator.clock.now();
    expect(created.createTimeMs).toBeGreaterThan(nowMs - 600_000);
    expect(created.createTimeMs).toBeLessThanOrEqual(nowMs);
    expect(created.expireTimeMs).toBe((created.createTimeMs ?? 0) + 86_400_000);
  });
});

describe('row 16, what templated reports leave out of their answers', () => {
  it('is not needed', async () => {
    await api.start();
    const account = api.account();
    const request = { kind: 'ivt_report', workflowId: 'ivt-1', window: WINDOW } as const;
    expect(await account.createExecution(request)).toMatchObject({
      workflowId: null,
      expireTimeMs: null,
    });
  });
});

describe('row 17, characters of a workflowId', () => {
  it('are checked here as there', async () => {
    await api.start();
    const account = api.account();
    const create = (workflowId: string) =>
      account.createExecution(api.request(DSP, { workflowId }));
    expect(await create('A.b-c_9')).toMatchObject({ workflowId: 'A.b-c_9' });
    await expect(create('a b')).rejects.toMatchObject({ code: 'configuration' });
  });
});

describe('row 18, line breaks in SQL', () => {
  it.each([true, false])(
    'go before it is sent, whether they are refused or not: %s',
    async (singleLineSql) => {
      expect(await shareOfTruth({ singleLineSql })).toBe(1);
    },
  );
});

describe('row 20, marketplaces', () => {
  const india = { kind: 'dsp', marketplace: 'IN', advertiserId: '77' } as const;

  it('include India, on the EU host', async () => {
    await api.start({ accounts: [india], region: 'EU' });
    const created = await api.account({}, india).createExecution(api.request());
    expect(created.state).toBe('active');
  });
});

describe('row 21, the threshold of full timestamps', () => {
  it('is MEDIUM: the flag says what it took', async () => {
    await api.start();
    const sqlQuery =
      'SELECT impression_dt_utc, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY impression_dt_utc';
    const request = api.request(DSP, { sqlQuery, filteredMetricsDiscriminatorColumn: 'filtered' });
    const rows = await api.rowsOf(api.account(), request, [
      { name: 'impression_dt_utc', type: 'TIMESTAMP' },
      { name: 'filtered', type: 'BOOLEAN' },
      { name: 'impressions', type: 'LONG' },
    ]);
    expect(rows).toStrictEqual([[null, 'true', String(await api.impressions())]]);
  });
});

describe('row 22, names of columns', () => {
  it('match in any letter case and by alias', async () => {
    await api.start();
    const request = { kind: 'ivt_report', workflowId: 'ivt-1', window: WINDOW } as const;
    const rows = await api.rowsOf(api.account(), request, [
      { name: 'ias_invalid_impressions', type: 'LONG' },
      { name: 'total_impression_served', type: 'LONG', aliases: ['total_impressions_served'] },
      { name: 'filtered_reason', type: 'STRING' },
    ]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(([, served]) => Number(served) > 0)).toBe(true);
  });
});

describe('rows 23 and 24, and what else a CSV may look like', () => {
  it.each<[string, Partial<SimulatorOptions>]>([
    ['ISO dates', { dateFormat: 'iso' }],
    ['M/D/YYYY', { dateFormat: 'us' }],
    ['blanks', { nullText: '' }],
    ['the word NULL', { nullText: 'NULL' }],
    ['timestamps with a fraction', { timestampFormat: 'T.SSS' }],
    ['timestamps without', { timestampFormat: 'T' }],
    ['timestamps with Z', { timestampFormat: 'TZ' }],
    ['timestamps with a space', { timestampFormat: 'space' }],
    ['TRUE', { booleanFormat: 'TRUE' }],
    ['true', { booleanFormat: 'true' }],
    ['1', { booleanFormat: '1' }],
    ['everything quoted', { quoteAll: true }],
    ['CRLF', { lineEnding: 'crlf' }],
    ['a byte order mark', { byteOrderMark: true }],
    ['five part files', { partFiles: 5 }],
    ['gzip', { gzip: true, partFiles: 2 }],
  ])('%s', async (_, settings) => {
    expect(await formsOf(settings)).toStrictEqual(
      new Set(['2026-01-28 2026-01-28T*:00:00Z false']),
    );
  });

  it.each(['backslash', 'doubled'] as const)('quotes escaped by %s', async (escape) => {
    await api.start({ escape });
    const sqlQuery = `SELECT CONCAT('say "hi", ', campaign) AS campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign`;
    const rows = await api.rowsOf(api.account(), api.request(DSP, { sqlQuery }));
    expect(rows.length).toBeGreaterThan(1);
    for (const [campaign] of rows) expect(campaign).toMatch(/^say "hi", /);
  });

  it.each(['header', 'zero_bytes'] as const)('a result without rows is %s', async (emptyResult) => {
    await api.start({ emptyResult });
    const sqlQuery =
      "SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions WHERE campaign = 'none' GROUP BY campaign";
    expect(await api.rowsOf(api.account(), api.request(DSP, { sqlQuery }))).toStrictEqual([]);
  });
});

describe('row 25, columns about what was filtered', () => {
  it('are passed through', async () => {
    await api.start();
    const request = api.request(DSP, {
      filteredMetricsDiscriminatorColumn: 'filtered',
      distinctUserCountColumn: 'users',
      filteredReasonColumn: 'why',
    });
    const rows = await api.rowsOf(api.account(), request, [
      { name: 'filtered', type: 'BOOLEAN' },
      { name: 'users', type: 'LONG' },
      { name: 'why', type: 'STRING' },
    ]);
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe('row 26, the reason of a failure', () => {
  it.each([
    'statusReason',
    'workflowExecutionStatusReason',
    'failureReason',
    'errorReason',
    'details',
  ] as const)('under %s', async (reasonKey) => {
    await api.start({ reasonKey });
    const sqlQuery =
      'SELECT nothing_known, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY nothing_known';
    const ended = await api.complete(api.account(), api.request(DSP, { sqlQuery }));
    expect(ended).toMatchObject({ state: 'failed', status: 'REJECTED' });
    expect(ended.reason).toContain('nothing_known');
  });

  it('tells an overlap refusal from others', async () => {
    await api.start({ overlapLimit: 1 });
    const account = api.account();
    const ends = [
      await api.complete(account, api.request()),
      await api.complete(account, api.request()),
    ];
    expect(ends.map(isOverlapRefusal)).toStrictEqual([false, true]);
  });
});

describe('what else differs', () => {
  it.each<[string, Partial<SimulatorOptions>]>([
    ['downloadUrl', { urlKey: 'downloadUrl' }],
    ['urls of several parts', { urlKey: 'urls', partFiles: 3 }],
    ['URLs as objects', { urlShape: 'object', metadataUrls: false }],
    ['redirected downloads', { redirectDownloads: true }],
    ['a gateway’s error bodies', { errorShape: 'message' }],
    ['an expired token is 403', { expiredTokenStatus: 403 }],
    ['short tokens', { tokenTtlSeconds: 20 }],
    [
      'publishing',
      { executionDurationMs: { pendingMs: 1_000, runningMs: 30_000, publishingMs: 60_000 } },
    ],
  ])('%s', async (_, settings) => {
    expect(await shareOfTruth(settings)).toBe(1);
  });

  it.each([401, 403] as const)('no access is %i', async (noAccessStatus) => {
    await api.start({ noAccessStatus });
    const other = { kind: 'dsp', marketplace: 'DE', advertiserId: '999' } as const;
    await expect(api.account({}, other).createExecution(api.request())).rejects.toMatchObject({
      code: 'access_denied',
      status: noAccessStatus,
    });
  });

  it('data gaps are handed on', async () => {
    await api.start({ dataGaps: ['dsp_impressions 2026-01-28'] });
    const ended = await api.complete(api.account(), api.request());
    expect(ended.dataGaps).toStrictEqual(['dsp_impressions 2026-01-28']);
  });

  it('a cancelled execution has ended and frees its slot', async () => {
    await api.start({ executionDurationMs: 3_600_000 });
    const account = api.account({ maxActiveExecutions: 1, capacityTimeoutMs: 0 });
    const created = await account.createExecution(api.request());
    expect(await account.cancelExecution(created.id)).toMatchObject({
      status: 'CANCELLED',
      state: 'failed',
    });
    expect(await account.createExecution(api.request())).toMatchObject({ state: 'active' });
  });

  it.each([
    ['execution_fails', 'FAILED'],
    ['execution_rejected', 'REJECTED'],
    ['execution_cancelled', 'CANCELLED'],
  ] as const)('%s ends %s', async (kind, status) => {
    await api.start({ faults: { rules: [{ operation: 'create', fault: { kind } }] } });
    expect(await api.complete(api.account(), api.request())).toMatchObject({
      state: 'failed',
      status,
    });
  });

  it('an unknown status is waited out, one that never ends up to the deadline', async () => {
    await api.start({
      faults: {
        rules: [
          { operation: 'create', from: 1, fault: { kind: 'execution_unknown_status' } },
          { operation: 'create', from: 2, fault: { kind: 'execution_never_ends' } },
        ],
      },
    });
    const account = api.account();
    expect(await api.complete(account, api.request())).toMatchObject({ state: 'succeeded' });
    const created = await account.createExecution(api.request());
    const deadlineMs = api.simulator.clock.now() + 300_000;
    await expect(account.runToCompletion(created, { deadlineMs })).rejects.toMatchObject({
      code: 'execution_deadline',
    });
  });
});
