import { silentLogger } from '@traffic-events/client';
import type { SliceOutcome } from '@traffic-events/slice';
import { BigQuerySink } from '@traffic-events/warehouse/bigquery';
import type { BigQueryOptions } from '@traffic-events/warehouse/bigquery';
import {
  ACCOUNT,
  CLICKS,
  hasEmulator,
  partitionChange,
  RefusingProxy,
  RUN,
  sliceResult,
  testDataset,
} from '@traffic-events/warehouse/bigquery/testing';
import type { SliceFixture, TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

const deliver = (
  sink: BigQuerySink,
  fixture: SliceFixture,
  bookmark: string | null = null,
): Promise<SliceOutcome> =>
  sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));

const clicked = (count: string) => [['a', '1', count, 'false']];

/** Tests have an account each, and the dataset in common: making one takes the emulator seconds. */
describe.runIf(isThorough && hasEmulator())('results into BigQuery', () => {
  let dataset: TestDataset;
  beforeAll(async () => {
    dataset = testDataset();
    await withSink('UK:dsp:1', () => Promise.resolve());
  });
  afterAll(() => dataset.drop());

  const sinkOf = (options: Partial<BigQueryOptions> = {}) =>
    new BigQuerySink({ connection: dataset.settings, ...options });

  async function withSink<T>(
    accountId: string,
    work: (sink: BigQuerySink) => Promise<T>,
  ): Promise<T> {
    const sink = sinkOf();
    try {
      await sink.open(RUN, [CLICKS], [accountId]);
      return await work(sink);
    } finally {
      await sink.close();
    }
  }

  const clicks = (accountId: string) =>
    dataset.query(
      `SELECT account_id, marketplace, CAST(event_date AS STRING) AS event_date, filtered, campaign,
         CAST(campaign_id AS STRING) AS campaign_id, CAST(clicks AS STRING) AS clicks, execution_id,
         row_number, FORMAT_TIMESTAMP('%FT%TZ', extracted_at) AS extracted_at
       FROM \`{dataset}.dsp_clicks\` WHERE account_id = '${accountId}' ORDER BY event_date, row_number`,
    );
  const ledger = (accountId: string) =>
    dataset.query(
      `SELECT extraction_id, status, row_count, complete, suspect, reason, TO_JSON_STRING(sums) AS sums
       FROM \`{dataset}.extractions\` WHERE account_id = '${accountId}' ORDER BY extraction_id`,
    );

  test('tables are partitioned by event date, clustered by account, and described', async () => {
    const [table] = await dataset.connection.dataset.table('dsp_clicks').getMetadata();
    expect(table).toMatchObject({
      timePartitioning: { type: 'DAY', field: 'event_date' },
      clustering: { fields: ['account_id', 'campaign_id', 'campaign'] },
    });
    const [ledgerTable] = await dataset.connection.dataset.table('extractions').getMetadata();
    expect(ledgerTable).toMatchObject({
      description: 'A row per execution of a slice, and one per slice that closed without one.',
      timePartitioning: { type: 'MONTH', field: 'event_date' },
      clustering: { fields: ['account_id', 'stream'] },
    });
  });

  test('a table that we are not let at refuses its stream by name, and no other', async () => {
    const proxy = new RefusingProxy(dataset.settings);
    const sink = sinkOf({ connection: await proxy.deny('kept_clicks') });
    const accountId = 'UK:dsp:30';
    const kept = { ...CLICKS, stream: 'kept_clicks' };
    expect(await sink.open(RUN, [kept, CLICKS], [accountId])).toEqual([
      {
        stream: 'kept_clicks',
        reason: expect.stringMatching(
          /^Stream kept_clicks: its table cannot be made ready\. BigQuery does not let this account use a table of .*Permission bigquery\.tables\.get denied/,
        ),
      },
    ]);
    expect(await deliver(sink, { accountId, executionId: 'e30', rows: clicked('1') })).toEqual({
      kind: 'applied',
    });
    await sink.close();
    proxy.close();
  });

  test('a commit brings the heartbeat of every lease of its run along', async () => {
    const accounts = ['UK:dsp:31', 'UK:dsp:32'];
    const sink = sinkOf({ leaseTimings: { heartbeatMs: 3_600_000 } });
    await sink.open(RUN, [CLICKS], accounts);
    const heartbeats = () =>
      dataset.query<{ at: string; run_id: string | null }>(
        `SELECT CAST(heartbeat_at AS STRING) AS at, run_id FROM \`{dataset}._traffic_events_leases\`
          WHERE account_id IN ('${accounts.join("', '")}') ORDER BY account_id`,
      );
    const [taken] = await heartbeats();
    await deliver(sink, { accountId: 'UK:dsp:31', executionId: 'h1', rows: clicked('4') });
    const [written, other] = await heartbeats();
    expect(written).toEqual({ at: other!.at, run_id: RUN.id });
    expect(other!.run_id).toBeNull();
    expect(other!.at > taken!.at).toBe(true);
    await sink.close();
  });

  test('no staging table is left', async () => {
    const [tables] = await dataset.connection.dataset.getTables();
    expect(tables.map(({ id }) => id).filter((id) => id?.includes('stage'))).toEqual([]);
  });

  test('a dataset or table that expires its data is refused unless it is named', async () => {
    const expiring = testDataset();
    await expiring.connection.dataset.create({ defaultTableExpirationMs: '5184000000' });
    const options = { connection: expiring.settings };
    await expect(new BigQuerySink(options).readStates([ACCOUNT])).rejects.toThrow(
      `Dataset ${expiring.settings.dataset} expires its data: tables after 60 days.`,
    );
    const allowed = new BigQuerySink({
      ...options,
      tables: { allowExpiring: [expiring.settings.dataset] },
    });
    await expiring.connection.dataset.createTable('dsp_clicks', {
      schema: 'account_id:string',
      expirationTime: '1893456000000',
    });
    await expect(allowed.open(RUN, [CLICKS], [])).rejects.toThrow(
      'Table dsp_clicks expires its data: it is deleted at 2030-01-01T00:00:00.000Z.',
    );
    await allowed.close();
    await expiring.drop();
  });

  test('a flush of one stream is three jobs', async () => {
    const costs: object[] = [];
    const logger = { ...silentLogger, info: (fields: object) => void costs.push(fields) };
    const accountId = 'UK:dsp:6';
    const sink = sinkOf({ logger });
    await sink.open(RUN, [CLICKS], [accountId]);
    await deliver(sink, { accountId, executionId: 'h1', rows: [['a', '1', '4', 'false']] });
    await sink.close();
    // Beside them: the lease looked at, taken, looked at again as it is new, and given back.
    expect(costs).toEqual([
      { jobs: 7, bytes_billed: 0, read_jobs: 3, lease_jobs: 2, load_jobs: 1, commit_jobs: 1 },
    ]);
  });

  test('slices that are delivered side by side travel in one flush, each with its own outcome', async () => {
    const accounts = ['UK:dsp:7', 'UK:dsp:8'] as const;
    const [dates, costs] = [['2026-01-01', '2026-01-02', '2026-01-03'], [] as object[]];
    const logger = { ...silentLogger, info: (fields: object) => void costs.push(fields) };
    const sink = sinkOf({ logger });
    await sink.open(RUN, [CLICKS], accounts);
    const delivered = accounts.flatMap((accountId, account) =>
      dates.map((eventDate, date) => {
        const slice = { accountId, eventDate, executionId: `i${account}${date}` };
        const rows = clicked(String(account * 10 + date));
        return deliver(sink, { ...slice, rows }, eventDate);
      }),
    );
    const change = partitionChange({ accountId: accounts[0], bookmark: '2026-01-31' });
    const [outcomes] = await Promise.all([Promise.all(delivered), sink.state(change)]);
    await sink.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(6).fill('applied'));
    // Those of one flush, and the lease looked at, taken and given back.
    expect(costs).toMatchObject([{ read_jobs: 3, lease_jobs: 2, load_jobs: 1, commit_jobs: 1 }]);
    for (const [account, accountId] of accounts.entries()) {
      expect(await clicks(accountId)).toMatchObject(
        dates.map((event_date, date) => ({ event_date, clicks: String(account * 10 + date) })),
      );
      expect(await ledger(accountId)).toHaveLength(3);
    }
    const reader = sinkOf();
    expect(await reader.readStates(accounts)).toEqual([
      change,
      partitionChange({ accountId: accounts[1], bookmark: '2026-01-03' }),
    ]);
    await reader.close();
  });

  test('of slices in one flush, one that does not fit fails with those behind it, those before it are kept', async () => {
    const accountId = 'UK:dsp:9';
    await withSink(accountId, async (sink) => {
      const calls = [
        deliver(sink, {
          accountId,
          eventDate: '2026-01-01',
          executionId: 'j1',
          rows: clicked('1'),
        }),
        deliver(sink, { accountId, executionId: 'j2', rows: clicked('2'), declaredRowCount: 2 }),
        // Together they have as many rows as were declared.
        deliver(sink, {
          accountId,
          eventDate: '2026-01-03',
          executionId: 'j3',
          rows: [...clicked('3'), ...clicked('4')],
          declaredRowCount: 1,
        }),
      ];
      const reason = { message: expect.stringContaining('but execution j2 has 1') };
      expect(await Promise.allSettled(calls)).toMatchObject([
        { status: 'fulfilled', value: { kind: 'applied' } },
        { status: 'rejected', reason },
        { status: 'rejected', reason },
      ]);
      await expect(sink.state(partitionChange({ accountId }))).rejects.toMatchObject(reason);
    });
    expect(await clicks(accountId)).toMatchObject([{ event_date: '2026-01-01', clicks: '1' }]);
    expect(await ledger(accountId)).toMatchObject([{ extraction_id: 'j1' }]);
  });

  test('of slices in one flush, one that cannot be taken is refused, and its neighbours are kept', async () => {
    const accountId = 'UK:dsp:51';
    const [dates, bad] = [['2026-01-01', '2026-01-02', '2026-01-03'], '2026-01-02'];
    const outcomes = await withSink(accountId, (sink) =>
      Promise.all(
        dates.map((eventDate, at) =>
          deliver(sink, {
            accountId,
            eventDate,
            executionId: `k${at}`,
            rows: [...clicked('1'), ['b', eventDate === bad ? 'seven' : '7', '2', 'false']],
          }),
        ),
      ),
    );
    expect(outcomes).toMatchObject([
      { kind: 'applied' },
      { kind: 'refused', reason: expect.stringMatching(/^BigQuery cannot take a row \(/) },
      { kind: 'applied' },
    ]);
    expect(await clicks(accountId)).toHaveLength(4);
    expect(await ledger(accountId)).toMatchObject([
      { extraction_id: 'k0' },
      { extraction_id: 'k2' },
    ]);
  });
});
