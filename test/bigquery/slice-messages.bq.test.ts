import {
  CLICKS,
  hasEmulator,
  LEDGER,
  loadLines,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
  testDataset,
} from '@traffic-events/warehouse/bigquery/testing';
import type { SliceFixture, TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SCHEMAS = [schemaMessage(CLICKS), schemaMessage(LEDGER)];
const messages = (fixture: SliceFixture, bookmark: string | null = null): string[] =>
  sliceMessages(sliceResult(fixture), fixture.rows, partitionChange({ ...fixture, bookmark }));
const row = (count: string) => ['a', '9007199254740993', count, 'false'];

describe.skipIf(!hasEmulator())('what slices as Singer messages cost', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const load = (lines: readonly string[]) => loadLines(lines, { connection: dataset.settings });
  const clicks = (accountId: string) =>
    dataset.query(
      `SELECT CAST(event_date AS STRING) AS event_date, execution_id, CAST(campaign_id AS STRING) AS campaign_id, clicks
       FROM \`{dataset}.dsp_clicks\` WHERE account_id = '${accountId}' ORDER BY event_date, row_number`,
    );

  test('several slices of a stream travel in one flush of three jobs', async () => {
    const accountId = 'DE:dsp:1';
    const slices = ['2026-01-04', '2026-01-05', '2026-01-06'].map((eventDate, index) =>
      messages(
        { accountId, eventDate, executionId: `a${index}`, rows: index === 2 ? [] : [row('4')] },
        eventDate,
      ),
    );
    const { states, failure, log } = await load([...SCHEMAS, ...slices.flat()]);
    expect(failure).toBeUndefined();
    expect(states).toHaveLength(1);
    expect(states[0]).toMatchObject({ slice: { event_date: '2026-01-06' } });
    expect(await clicks(accountId)).toEqual(
      ['2026-01-04', '2026-01-05'].map((event_date, index) => ({
        event_date,
        execution_id: `a${index}`,
        campaign_id: '9007199254740993',
        clicks: 4,
      })),
    );
    expect(log.filter(({ message }) => message === 'slice.loaded')).toHaveLength(3);
    const cost = log.find(({ message }) => message === 'run.cost');
    // Two reads look at leases, as the account is new, the other at the copies that are held.
    expect(cost?.fields).toMatchObject({ load_jobs: 1, commit_jobs: 1, read_jobs: 3 });
  });
});
