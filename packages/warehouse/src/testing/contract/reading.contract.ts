import { closingId, DEFINITIONS_KEY } from '@traffic-events/slice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockFromEnvironment } from '@traffic-events/client';
import { openWarehouse } from '../../open-warehouse.ts';
import type { Warehouse } from '../../warehouse.ts';
import { DAILY_VIEWS } from '../../views/daily-views.ts';
import { CLICKS, LEDGER, ledgerRow, partitionChange, RUN, sliceResult } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const ACCOUNT = 'DE:dsp:1@Europe/Berlin';
const OTHER = 'US:dsp:2';
const NOBODY = 'DE:dsp:3';
const CAMPAIGN = '590122334455667788';
const ODD_REASON = 'it\'s "gone" <b>&';

const QUERY = "SELECT 'it''s'";
const DEFINITION = { fingerprint: 'fp1', time_zone: 'UTC', kind: 'sql', query: QUERY, columns: [] };
const SCHEMA = { ...CLICKS.schema, [DEFINITIONS_KEY]: [DEFINITION] };

/** Rows of a date: what a campaign has, and what is withheld. */
const rowsOf = (told: string, withheld: string) => [
  ['a', CAMPAIGN, told, 'false'],
  [null, null, withheld, 'true'],
];

const WHOLE_FACTS = { row_count: null, sums: {}, raw_sha256: null, execution_id: null } as const;

/** What a page about a warehouse is told of it. */
export function readingContract(make: MakeWarehouse): void {
  let underTest: WarehouseUnderTest;
  let warehouse: Warehouse;
  beforeAll(async () => {
    underTest = await make();
    warehouse = await openWarehouse({ url: underTest.url }, process.env);
    expect(await warehouse.read((model) => model.coverage())).toEqual([]);
    expect(await warehouse.read((model) => model.queries([CLICKS.stream]))).toEqual(new Map());
    await load();
    await warehouse.createViews({
      currencies: { [ACCOUNT]: 'EUR' },
      clock: clockFromEnvironment({ TRAFFIC_EVENTS_NOW: '2026-02-04T12:00:00Z' }),
    });
  });
  afterAll(() => underTest.drop());

  async function load(): Promise<void> {
    const sink = underTest.sink();
    await sink.open(RUN, [{ ...CLICKS, schema: SCHEMA }, LEDGER], [ACCOUNT, OTHER]);
    const copies = [
      { accountId: ACCOUNT, eventDate: '2026-01-30', rows: rowsOf('3', '1') },
      { accountId: ACCOUNT, eventDate: '2026-01-31', rows: rowsOf('5', '5') },
      { accountId: ACCOUNT, eventDate: '2026-02-01', settled: false, rows: rowsOf('2', '0') },
      { accountId: OTHER, eventDate: '2026-02-01', settled: false, complete: false, rows: [] },
    ];
    for (const copy of copies) {
      const executionId = `${copy.accountId} ${copy.eventDate}`;
      const { accountId } = copy;
      await sink.slice(sliceResult({ ...copy, executionId }), partitionChange({ accountId }));
    }
    const closed = ledgerRow({ accountId: ACCOUNT, executionId: '', rowCount: 0, clicks: null });
    const missed = {
      ...closed,
      ...WHOLE_FACTS,
      event_date: '2026-01-28',
      status: 'missed' as const,
    };
    await sink.ledger(
      [
        { ...missed, extraction_id: closingId(CLICKS.stream, ACCOUNT, '2026-01-28') },
        {
          ...closed,
          ...WHOLE_FACTS,
          extraction_id: 'f1',
          event_date: '2026-02-01',
          execution_id: 'f1',
          status: 'failed',
          reason: ODD_REASON,
          run_id: 'run-0',
          recorded_at: '2026-01-08T06:20:00.123Z',
        },
      ],
      [partitionChange({ accountId: ACCOUNT })],
    );
    await sink.close();
  }

  describe('what a page is told', () => {
    test('spans of dates that stand alike, by stream and account, across months', async () => {
      const coverage = await warehouse.read((model) => model.coverage());
      expect(coverage).toEqual([
        {
          stream: 'dsp_clicks',
          accountId: ACCOUNT,
          spans: [
            { from: '2026-01-28', to: '2026-01-28', standing: 'missed' },
            { from: '2026-01-30', to: '2026-01-31', standing: 'whole' },
            { from: '2026-02-01', to: '2026-02-01', standing: 'provisional' },
          ],
          lastSuccess: '2026-01-09T06:20:00.000Z',
          suppressedShare: 0.25,
          missed: [{ eventDate: '2026-01-28', runId: 'run-1' }],
        },
        expect.objectContaining({
          accountId: OTHER,
          spans: [{ from: '2026-02-01', to: '2026-02-01', standing: 'open' }],
          missed: [],
        }),
      ]);
    });

    test('every execution of a date, the newest first', async () => {
      const filter = { accountId: ACCOUNT, eventDate: '2026-02-01', limit: 10 };
      const found = await warehouse.read((model) => model.extractions(filter));
      expect(found).toMatchObject([
        {
          executionId: `${ACCOUNT} 2026-02-01`,
          status: 'open',
          rowCount: '2',
          sums: { clicks: '2' },
          suppressedShare: 0.25,
          complete: true,
          settled: false,
          suspect: false,
          fingerprint: 'fp1',
          rawSha256: 'ab'.repeat(32),
          createTime: '2026-01-09T06:00:00.000Z',
        },
        { executionId: 'f1', status: 'failed', reason: ODD_REASON, rowCount: null, sums: {} },
      ]);
      expect(found[1]?.recordedAt).toBe('2026-01-08T06:20:00.123Z');
    });

    test('what went wrong, and what each run entered', async () => {
      const trouble = await warehouse.read((model) =>
        model.extractions({ isTrouble: true, limit: 10 }),
      );
      expect(trouble.map(({ status }) => status)).toEqual(['missed', 'failed']);
      expect(await warehouse.read((model) => model.runs(10))).toEqual([
        {
          id: 'run-1',
          firstAt: '2026-01-09T06:20:00.000Z',
          lastAt: '2026-01-09T06:20:00.000Z',
          accounts: 2,
          loaded: 4,
          kept: 0,
          failed: 0,
          missed: 1,
          rowsLoaded: '6',
        },
        expect.objectContaining({ id: 'run-0', failed: 1, loaded: 0, rowsLoaded: '0' }),
      ]);
    });

    test('rows held beside those of the ledger, and what is withheld of each metric', async () => {
      const range = { stream: 'dsp_clicks', from: '2026-01-30', to: '2026-01-31' };
      const ranges = [
        { ...range, accountIds: [ACCOUNT, OTHER, NOBODY], metrics: ['clicks', 'impressions'] },
        { ...range, accountIds: [ACCOUNT], stream: 'never_loaded', metrics: [] },
      ];
      expect(await warehouse.read((model) => model.heldRows(ranges))).toEqual([
        {
          stream: 'dsp_clicks',
          accountId: ACCOUNT,
          rowsHeld: '4',
          rowsByLedger: '4',
          withheldShares: { clicks: 6 / 14 },
        },
        ...[OTHER, NOBODY].map((accountId) => ({
          stream: 'dsp_clicks',
          accountId,
          rowsHeld: '0',
          rowsByLedger: '0',
          withheldShares: { clicks: null },
        })),
      ]);
    });

    test('a trend by date, of an account and of a campaign, and which campaigns there are', async () => {
      const view = DAILY_VIEWS.find(({ name }) => name === 'dsp_daily')!;
      const range = { accountId: ACCOUNT, from: '2026-01-30', to: '2026-01-31' };
      const [all, one, campaigns] = await warehouse.read((model) =>
        Promise.all([
          model.trend(view, range),
          model.trend(view, { ...range, campaign: CAMPAIGN }),
          model.campaigns(view, range, 5),
        ]),
      );
      expect(all.map(({ eventDate, sums }) => [eventDate, sums['clicks']])).toEqual([
        ['2026-01-30', '4'],
        ['2026-01-31', '10'],
      ]);
      expect(all[1]).toMatchObject({
        currency: 'EUR',
        grain: 'fine',
        sums: { impressions: null },
        withheldShares: { clicks: 0.5 },
        rates: { click_through_rate: null },
        standings: { dsp_clicks: 'settled', dsp_impressions: null },
      });
      expect(one.map(({ sums }) => sums['clicks'])).toEqual(['3', '5']);
      expect(campaigns).toEqual([{ campaign: CAMPAIGN, name: 'a', mainSum: null }]);
    });

    test('what each definition of a stream has asked for', async () => {
      const [known, others] = await warehouse.read((model) =>
        Promise.all([model.queries([CLICKS.stream]), model.queries(['dsp_views'])]),
      );
      expect([...known]).toEqual([['fp1', QUERY]]);
      expect([...others]).toEqual([]);
    });

    test('which views are there, and accounts without a currency', async () => {
      const { made, withoutCurrency } = await warehouse.read((model) => model.views());
      expect(made).toEqual(expect.arrayContaining(['coverage', 'dsp_clicks_current', 'dsp_daily']));
      expect(withoutCurrency).toEqual([OTHER]);
    });
  });
}
