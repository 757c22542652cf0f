import { BigQuerySink, readCosts } from '@traffic-events/warehouse/bigquery';
import type { BigQueryOptions } from '@traffic-events/warehouse/bigquery';
import {
  CLICKS,
  hasEmulator,
  loadLines,
  partitionChange,
  sliceResult,
  testDataset,
} from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SLICE = { executionId: 'e1', rows: [['a', '1', '4', 'false']] };

/** A row of the table, of a run that takes an hour of a day of January. */
const row = (run: string, day: number, kind: string, jobs: number, bytes: number) =>
  `('${run}', TIMESTAMP '2026-01-0${day} 06:00:00+00', TIMESTAMP '2026-01-0${day} 07:00:00+00', '${kind}', ${jobs}, ${bytes})`;

/** The kinds of a run's jobs, counted by hand in each test; the emulator bills no bytes. */
describe.skipIf(!hasEmulator())('what runs on BigQuery cost', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const entered = async (where: string) => {
    const rows = await dataset.query<{ kind: string; jobs: string }>(
      `SELECT kind, CAST(jobs AS STRING) AS jobs FROM \`{dataset}._traffic_events_costs\`
       WHERE ${where} AND bytes_billed = 0 AND ended_at >= started_at ORDER BY kind`,
    );
    return Object.fromEntries(rows.map(({ kind, jobs }) => [kind, Number(jobs)]));
  };

  async function open(id: string, options: Partial<BigQueryOptions> = {}): Promise<BigQuerySink> {
    const sink = new BigQuerySink({ connection: dataset.settings, ...options });
    const run = { id, started_at: '2026-01-09T06:00:00.000Z' };
    await sink.open(run, [CLICKS], [id]);
    return sink;
  }

  test('nothing is told where nothing has been loaded', async () => {
    expect(await readCosts({ connection: dataset.settings })).toBeUndefined();
  });

  test('a run enters its jobs with the job that gives its lease back', async () => {
    const sink = await open('first');
    const accountId = 'first';
    await sink.slice(sliceResult({ accountId, ...SLICE }), partitionChange({ accountId }));
    await sink.close();
    // Leases: the guard row made, one taken and given back. Reads: leases, those of an account that is
    // new once more beside its own, and copies held.
    expect(await entered(`run_id = 'first'`)).toEqual({ commit: 1, lease: 3, load: 1, read: 3 });
  });

  test('a run that fails enters what it had submitted by then', async () => {
    const sink = await open('failing');
    const accountId = 'failing';
    const result = sliceResult({ accountId, ...SLICE, declaredRowCount: 2 });
    await expect(sink.slice(result, partitionChange({ accountId }))).rejects.toThrow('2 rows');
    await sink.close();
    expect(await entered(`run_id = 'failing'`)).toEqual({ lease: 2, read: 3 });
  });

  test('a run that a signal stops enters its costs and gives its lease back', async () => {
    const stop = new AbortController();
    const sink = await open('stopped', { signal: stop.signal });
    stop.abort(new DOMException('stopped by SIGTERM', 'AbortError'));
    // What has been handed over may still be committed.
    await sink.state(partitionChange({ accountId: 'stopped' }));
    await sink.close();
    expect(await entered(`run_id = 'stopped'`)).toEqual({ commit: 1, lease: 2, read: 2 });
    const next = await open('stopped', { leaseTimings: { busyWaitMs: 0 } });
    await next.close();
  });

  test('a busy run enters its looks by a job of its own', async () => {
    const sink = await open('holder');
    const busy = new BigQuerySink({
      connection: dataset.settings,
      leaseTimings: { busyWaitMs: 0 },
    });
    const run = { id: 'busy', started_at: '2026-01-09T06:00:00.000Z' };
    await expect(busy.open(run, [CLICKS], ['holder'])).rejects.toThrow('is busy');
    await busy.close();
    await sink.close();
    expect(await entered(`run_id = 'busy'`)).toEqual({ read: 1, cost: 1 });
  });

  test('so does target-bigquery with the messages of any tap', async () => {
    const lines = [
      {
        type: 'SCHEMA',
        stream: 's',
        schema: { properties: { n: { type: 'integer' } } },
        key_properties: [],
      },
      { type: 'RECORD', stream: 's', record: { n: 1 } },
      { type: 'STATE', value: 1 },
    ].map((message) => JSON.stringify(message));
    const outcome = await loadLines(lines, { connection: dataset.settings });
    expect(outcome).toMatchObject({ failure: undefined, states: [1] });
    expect(await entered(`LENGTH(run_id) = 36`)).toEqual({ commit: 1, cost: 1, load: 1 });
  });

  test('the sums are those of all runs; bytes, which the emulator does not bill, are entered by hand', async () => {
    const change = (sql: string) =>
      dataset.connection.execute(
        { kind: 'commit', identity: [crypto.randomUUID()] },
        sql.replace('{table}', `${dataset.settings.dataset}._traffic_events_costs`),
      );
    await change('DELETE FROM `{table}` WHERE TRUE');
    expect(await readCosts({ connection: dataset.settings })).toBeUndefined();
    const columns = 'run_id, started_at, ended_at, kind, jobs, bytes_billed';
    await change(
      `INSERT INTO \`{table}\` (${columns}) VALUES ${[
        row('r2', 3, 'load', 4, 0),
        row('r2', 3, 'commit', 3, 31_457_280),
        row('r1', 2, 'load', 2, 0),
        row('r1', 2, 'commit', 1, 1_099_511_627_776),
        row('r1', 2, 'lease', 2, 20_971_520),
      ].join(', ')}`,
    );
    expect(await readCosts({ connection: dataset.settings })).toEqual({
      since: new Date('2026-01-02T06:00:00Z'),
      runs: 2,
      jobs: 12,
      bytesBilled: 1_099_564_056_576,
      kinds: {
        commit: { jobs: 4, bytesBilled: 1_099_543_085_056 },
        lease: { jobs: 2, bytesBilled: 20_971_520 },
        load: { jobs: 6, bytesBilled: 0 },
      },
      lastRun: {
        id: 'r2',
        startedAt: new Date('2026-01-03T06:00:00Z'),
        endedAt: new Date('2026-01-03T07:00:00Z'),
        jobs: 7,
        bytesBilled: 31_457_280,
      },
    });
  });
});
