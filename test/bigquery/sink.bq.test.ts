import type { SliceOutcome } from '@traffic-events/slice';
import { BigQuerySink, readStatus } from '@traffic-events/warehouse/bigquery';
import type { BigQueryOptions } from '@traffic-events/warehouse/bigquery';
import {
  ACCOUNT,
  CLICKS,
  DATE,
  hasEmulator,
  ledgerRow,
  partitionChange,
  sliceResult,
  testDataset,
} from '@traffic-events/warehouse/bigquery/testing';
import type { SliceFixture, TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };

const deliver = (
  sink: BigQuerySink,
  fixture: SliceFixture,
  bookmark: string | null = null,
): Promise<SliceOutcome> =>
  sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));

const clicked = (count: string) => [['a', '1', count, 'false']];

/** Tests have an account each, and the dataset in common: making one takes the emulator seconds. */
describe.skipIf(!hasEmulator())('results into BigQuery', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const sinkOf = (options: Partial<BigQueryOptions> = {}) =>
    new BigQuerySink({ connection: dataset.settings, ...options });

  async function withSink<T>(
    accountId: string,
    work: (sink: BigQuerySink) => Promise<T>,
    run = RUN,
  ): Promise<T> {
    const sink = sinkOf();
    try {
      await sink.open(run, [CLICKS], [accountId]);
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

  test('a slice, its ledger row and its state arrive together and exactly', async () => {
    const rows = [
      ['a\tb\\n\n"c"\'`', '123456789012345678', '9007199254740993', 'false'],
      [null, null, '5', 'true'],
      ['', '1', null, 'false'],
    ];
    const outcome = await withSink(ACCOUNT, (sink) =>
      deliver(sink, { executionId: 'e1', rows }, DATE),
    );
    expect(outcome).toEqual({ kind: 'applied' });
    expect(await clicks(ACCOUNT)).toEqual(
      rows.map(([campaign, campaignId, count, filtered], index) => ({
        account_id: ACCOUNT,
        marketplace: 'DE',
        event_date: DATE,
        filtered: filtered === 'true',
        campaign,
        campaign_id: campaignId,
        clicks: count,
        execution_id: 'e1',
        row_number: index + 1,
        extracted_at: '2026-01-09T06:20:00Z',
      })),
    );
    expect(await ledger(ACCOUNT)).toMatchObject([
      { extraction_id: 'e1', status: 'settled', row_count: 3, sums: '{"clicks":null}' },
    ]);
    const sink = sinkOf();
    expect(await sink.readStates([ACCOUNT])).toEqual([partitionChange({ bookmark: DATE })]);
    await sink.close();
    expect(await readStatus({ connection: dataset.settings })).toMatchObject([
      { stream: 'dsp_clicks', accountId: ACCOUNT, runId: 'run-1', missedDates: [] },
    ]);
  });

  test('tables are partitioned by event date, clustered by account, and described', async () => {
    const [table] = await dataset.connection.dataset.table('dsp_clicks').getMetadata();
    expect(table).toMatchObject({
      timePartitioning: { type: 'DAY', field: 'event_date' },
      clustering: { fields: ['account_id', 'campaign_id', 'campaign'] },
    });
    const [ledgerTable] = await dataset.connection.dataset.table('extractions').getMetadata();
    expect(ledgerTable).toMatchObject({
      description: 'A row per execution of a slice, and one per slice that closed without one.',
      clustering: { fields: ['account_id', 'stream'] },
    });
  });

  test('no staging table is left', async () => {
    const [tables] = await dataset.connection.dataset.getTables();
    expect(tables.map(({ id }) => id).filter((id) => id?.includes('stage'))).toEqual([]);
  });

  test('a better copy replaces, a poorer one is entered with its reason', async () => {
    const accountId = 'UK:dsp:2';
    await withSink(accountId, async (sink) => {
      await deliver(sink, {
        accountId,
        executionId: 'b1',
        settled: false,
        createTime: '2026-01-06T06:00:00Z',
        rows: clicked('4'),
      });
      await deliver(sink, { accountId, executionId: 'b2', rows: clicked('6') });
      const kept = await deliver(sink, {
        accountId,
        executionId: 'b3',
        complete: false,
        createTime: '2026-02-20T06:00:00Z',
        rows: clicked('3'),
      });
      expect(kept).toMatchObject({
        kind: 'kept_better',
        reason: 'part of it had expired; the copy of execution b2 is kept',
      });
    });
    expect(await clicks(accountId)).toMatchObject([{ execution_id: 'b2', clicks: '6' }]);
    expect(await ledger(accountId)).toMatchObject([
      { extraction_id: 'b1', status: 'open' },
      { extraction_id: 'b2', status: 'settled' },
      { extraction_id: 'b3', status: 'kept_better', complete: false },
    ]);
  });

  test('sums of two definitions are not compared, ranks are', async () => {
    const accountId = 'UK:dsp:30';
    await withSink(accountId, async (sink) => {
      await deliver(sink, { accountId, executionId: 'x1', rows: clicked('10') });
      const other = { accountId, createTime: '2026-01-10T06:00:00Z', fingerprint: 'fp2' };
      const empty = await deliver(sink, { ...other, executionId: 'x2', rows: [] });
      expect(empty).toMatchObject({ kind: 'kept_better', suspect: true });
      await deliver(sink, { ...other, executionId: 'x3', rows: clicked('1') });
    });
    expect(await clicks(accountId)).toMatchObject([{ execution_id: 'x3', clicks: '1' }]);
  });

  test('an empty slice is a slice too, and what is held is never rewritten by a failure', async () => {
    const accountId = 'UK:dsp:3';
    await withSink(accountId, async (sink) => {
      await deliver(sink, { accountId, executionId: 'c1', rows: [] });
      const failed = ledgerRow({ accountId, executionId: 'c1', rowCount: 0, clicks: null });
      await sink.ledger([{ ...failed, status: 'failed', reason: 'too late' }], []);
      const other = ledgerRow({ accountId, executionId: 'c2', rowCount: 0, clicks: null });
      await sink.ledger([{ ...other, status: 'failed', reason: "it's refused" }], []);
    });
    expect(await clicks(accountId)).toEqual([]);
    expect(await ledger(accountId)).toMatchObject([
      { extraction_id: 'c1', status: 'settled', row_count: 0, reason: null },
      { extraction_id: 'c2', status: 'failed', reason: "it's refused" },
    ]);
  });

  test('a wrong row count leaves nothing', async () => {
    const accountId = 'UK:dsp:4';
    await withSink(accountId, async (sink) => {
      const fixture = { accountId, executionId: 'd1', rows: [['a', '1', '4', 'false']] };
      await expect(deliver(sink, { ...fixture, declaredRowCount: 2 })).rejects.toThrow(
        `Slice dsp_clicks ${accountId} ${DATE}: 2 rows were declared, but execution d1 has 1. Nothing of it was kept.`,
      );
    });
    expect(await clicks(accountId)).toEqual([]);
    expect(await ledger(accountId)).toEqual([]);
  });

  test('a second run leaves as busy, and an overtaken one cannot commit', async () => {
    const accountId = 'UK:dsp:5';
    const first = sinkOf();
    await first.open(RUN, [CLICKS], [accountId]);
    const second = sinkOf({ leaseTimings: { busyWaitMs: 0 } });
    await expect(second.readStates([accountId])).rejects.toThrow(
      new RegExp(`Account ${accountId} is busy: process ${process.pid} on .* is writing to it`),
    );
    const third = sinkOf({ leaseTimings: { staleAfterMs: -1 } });
    await third.readStates([accountId]);
    const rows = [['a', '1', '4', 'false']];
    await expect(deliver(first, { accountId, executionId: 'f1', rows })).rejects.toThrow(
      `Account ${accountId} was taken over by another run`,
    );
    expect(await clicks(accountId)).toEqual([]);
    expect(await ledger(accountId)).toEqual([]);
    await Promise.all([first.close(), second.close(), third.close()]);
  });

  test('a run that began before the last committed one is refused', async () => {
    const early = { id: 'run-0', started_at: '2026-01-08T06:00:00.000Z' };
    await expect(
      withSink(ACCOUNT, (sink) => deliver(sink, { executionId: 'g1', rows: [] }), early),
    ).rejects.toThrow('before run run-1');
  });

  test('an account in another time zone than the one that is held, or in two, is refused', async () => {
    const accountId = 'UK:dsp:41';
    const zoned = `${accountId}@Europe/London`;
    await withSink(accountId, (sink) => deliver(sink, { accountId, executionId: 'z1', rows: [] }));
    const sink = sinkOf();
    await expect(sink.readStates([zoned])).rejects.toThrow(
      `Account ${zoned}: the warehouse holds it as ${accountId}. An account's time zone is chosen for good`,
    );
    await dataset.connection.execute(
      { kind: 'commit', identity: [accountId] },
      `DELETE FROM \`${dataset.settings.dataset}._traffic_events_state\` WHERE account_id = '${accountId}'`,
    );
    await expect(sink.open(RUN, [CLICKS], [zoned])).rejects.toThrow(`holds it as ${accountId}`);
    const both = ['UK:dsp:42', 'UK:dsp:42@Europe/London'];
    await expect(sink.readStates(both)).rejects.toThrow(`holds it as UK:dsp:42.`);
    await sink.close();
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
    const logger = { info: (fields: object) => void costs.push(fields), warn: () => {} };
    const accountId = 'UK:dsp:6';
    const sink = sinkOf({ logger });
    await sink.open(RUN, [CLICKS], [accountId]);
    await deliver(sink, { accountId, executionId: 'h1', rows: [['a', '1', '4', 'false']] });
    await sink.close();
    // Beside them: the lease looked at, taken and given back.
    expect(costs).toEqual([
      { jobs: 6, bytes_billed: 0, read_jobs: 2, lease_jobs: 2, load_jobs: 1, commit_jobs: 1 },
    ]);
  });

  test('slices that are delivered side by side travel in one flush, each with its own outcome', async () => {
    const accounts = ['UK:dsp:7', 'UK:dsp:8'] as const;
    const [dates, costs] = [['2026-01-01', '2026-01-02', '2026-01-03'], [] as object[]];
    const logger = { info: (fields: object) => void costs.push(fields), warn: () => {} };
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
    expect(costs).toMatchObject([{ read_jobs: 2, lease_jobs: 2, load_jobs: 1, commit_jobs: 1 }]);
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
