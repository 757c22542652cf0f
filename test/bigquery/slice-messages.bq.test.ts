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

describe.skipIf(!hasEmulator())('slices as Singer messages into BigQuery', () => {
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
    // One read looks at the lease, the other at the copies that are held.
    expect(cost?.fields).toMatchObject({ load_jobs: 1, commit_jobs: 1, read_jobs: 2 });
  });

  test('a slice that comes twice is judged by what the first has left', async () => {
    const accountId = 'DE:dsp:2';
    const better = { accountId, executionId: 'b1', rows: [row('4'), row('5')] };
    const poorer = { accountId, executionId: 'b2', settled: false, rows: [row('9')] };
    const { log, failure } = await load([...SCHEMAS, ...messages(better), ...messages(poorer)]);
    expect(failure).toBeUndefined();
    expect(log).toContainEqual({
      message: 'slice.kept',
      fields: expect.objectContaining({ execution_id: 'b2', reason: expect.any(String) }),
    });
    expect(await clicks(accountId)).toMatchObject([{ execution_id: 'b1' }, { execution_id: 'b1' }]);
  });

  test('a slice whose STATE never came leaves nothing, and its state is not passed on', async () => {
    const accountId = 'DE:dsp:3';
    const whole = messages({ accountId, executionId: 'c1', rows: [row('4')] });
    const cut = messages({
      accountId,
      eventDate: '2026-01-07',
      executionId: 'c2',
      rows: [row('5')],
    });
    const { states, log } = await load([...SCHEMAS, ...whole, ...cut.slice(0, -1)]);
    expect(states).toMatchObject([{ slice: { execution_id: 'c1' } }]);
    expect(log).toContainEqual({
      message: 'slice.unclosed',
      fields: { slice: 'dsp_clicks DE:dsp:3 2026-01-07' },
    });
    expect(await clicks(accountId)).toMatchObject([{ execution_id: 'c1' }]);
  });

  test('an account in another time zone than the one that is held is refused', async () => {
    const held = 'DE:dsp:31@Asia/Tokyo';
    await load([...SCHEMAS, ...messages({ accountId: held, executionId: 'z1', rows: [row('4')] })]);
    const accountId = 'DE:dsp:31';
    for (const rows of [[row('5')], []]) {
      const other = messages({ accountId, executionId: 'z2', rows });
      const { states, failure } = await load([...SCHEMAS, ...other]);
      expect(states).toEqual([]);
      expect(failure).toMatchObject({ code: 'ZONE_CHANGED', accountId, heldAs: held });
    }
    expect(await clicks(accountId)).toEqual([]);
  });

  test('mixed slices and wrong counts are named', async () => {
    const accountId = 'DE:dsp:4';
    const first = messages({ accountId, executionId: 'd1', rows: [row('4')] });
    const second = messages({ accountId, executionId: 'd2', rows: [row('5')] });
    const mixed = await load([...SCHEMAS, first[0] ?? '', ...second]);
    expect(String(mixed.failure)).toContain(
      'A record of slice dsp_clicks DE:dsp:4 2026-01-05 (execution d2) came before the STATE that closes',
    );
    const short = await load([...SCHEMAS, ...first.slice(1)]);
    expect(String(short.failure)).toContain('its STATE declares 1 rows, but 0 arrived.');
  });

  test('a state that claims more than the warehouse has is refused, with the range', async () => {
    const claimed = partitionChange({ accountId: 'DE:dsp:1', bookmark: '2026-01-08' });
    const { context: _, ...state } = { context: 0, ...claimed.state };
    const first = {
      type: 'STATE',
      value: {
        bookmarks: {
          dsp_clicks: { partitions: [{ context: { account_id: 'DE:dsp:1' }, ...state }] },
        },
      },
    };
    const { states, failure } = await load([JSON.stringify(first), ...SCHEMAS]);
    expect(states).toEqual([]);
    expect(String(failure)).toContain(
      'dsp_clicks DE:dsp:1 2026-01-01 to 2026-01-03; dsp_clicks DE:dsp:1 2026-01-07 to 2026-01-08',
    );
  });
});
