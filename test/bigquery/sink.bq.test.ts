import { BigQuerySink, readStatus } from '@traffic-events/warehouse/bigquery';
import type { BigQueryOptions } from '@traffic-events/warehouse/bigquery';
import {
  ACCOUNT,
  CLICKS,
  DATE,
  hasEmulator,
  partitionChange,
  sliceResult,
  testDataset,
} from '@traffic-events/warehouse/bigquery/testing';
import type { SliceFixture, TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };

const deliver = (sink: BigQuerySink, fixture: SliceFixture, bookmark: string | null = null) =>
  sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));

describe.skipIf(!hasEmulator())('results into BigQuery', () => {
  let dataset: TestDataset;
  beforeEach(() => {
    dataset = testDataset();
  });
  afterEach(() => dataset.drop());

  const sinkOf = (options: Partial<BigQueryOptions> = {}) =>
    new BigQuerySink({ connection: dataset.settings, ...options });

  async function withSink<T>(work: (sink: BigQuerySink) => Promise<T>, run = RUN): Promise<T> {
    const sink = sinkOf();
    try {
      await sink.open(run, [CLICKS], [ACCOUNT]);
      return await work(sink);
    } finally {
      await sink.close();
    }
  }

  const clicks = () =>
    dataset.query(
      `SELECT account_id, marketplace, CAST(event_date AS STRING) AS event_date, filtered, campaign,
         CAST(campaign_id AS STRING) AS campaign_id, CAST(clicks AS STRING) AS clicks, execution_id,
         row_number, FORMAT_TIMESTAMP('%FT%TZ', extracted_at) AS extracted_at
       FROM \`{dataset}.dsp_clicks\` ORDER BY account_id, row_number`,
    );
  const ledger = () =>
    dataset.query(
      `SELECT extraction_id, status, row_count, complete, suspect, reason, TO_JSON_STRING(sums) AS sums
       FROM \`{dataset}.extractions\` ORDER BY extraction_id`,
    );

  test('a slice, its ledger row and its state arrive together and exactly', async () => {
    const rows = [
      ['a\tb\\n\n"c"\'`', '123456789012345678', '9007199254740993', 'false'],
      [null, null, '5', 'true'],
      ['', '1', null, 'false'],
    ];
    const outcome = await withSink((sink) => deliver(sink, { executionId: 'e1', rows }, DATE));
    expect(outcome).toEqual({ kind: 'applied' });
    expect(await clicks()).toEqual(
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
    expect(await ledger()).toMatchObject([
      { extraction_id: 'e1', status: 'settled', row_count: 3, sums: '{"clicks":null}' },
    ]);
    const sink = sinkOf();
    expect(await sink.readStates([ACCOUNT])).toEqual([partitionChange({ bookmark: DATE })]);
    await sink.close();
    expect(await readStatus({ connection: dataset.settings })).toMatchObject([
      { stream: 'dsp_clicks', accountId: ACCOUNT, runId: 'run-1', missedDates: [] },
    ]);
  });
});
