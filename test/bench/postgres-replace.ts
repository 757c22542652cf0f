import { SLICE_KEY_PROPERTIES, addDays } from '@traffic-events/slice';
import type { ResultColumn, SliceResult, StreamDescription } from '@traffic-events/slice';
import { PostgresSink } from '@traffic-events/warehouse/postgres';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import pg from 'pg';
import { atMost } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';

const ACCOUNT = 'DE:dsp:1';
const FIRST_DATE = '2024-01-01';
const ROWS_PER_SLICE = 10_000;
const SLICES = 2000;
const REPEATS = 15;

/** Replacing one slice in a warehouse of 20 million rows, beside an empty one. */
export const postgresReplaceBench: Bench = {
  names: ['pg.replace_in_full'],
  measure: measureReplace,
};

async function measureReplace(report: (line: string) => void): Promise<Measurement[]> {
  const server = await EmbeddedPostgres.start();
  try {
    const empty = await timeReplaces(await server.createDatabase('empty'), 0, report);
    const full = await timeReplaces(await server.createDatabase('full'), SLICES, report);
    return [
      atMost(2, {
        name: 'pg.replace_in_full',
        value: Math.round((full / empty) * 100) / 100,
        unit: 'ratio',
        baseline: `in an empty warehouse: ${Math.round(empty * 1000)} ms`,
      }),
    ];
  } finally {
    await server.stop();
  }
}

/** Median seconds of a replace, after `held` other slices have been put there. */
async function timeReplaces(
  url: string,
  held: number,
  report: (line: string) => void,
): Promise<number> {
  const sink = new PostgresSink({ connection: { url } });
  await sink.open({ id: 'bench', started_at: '2026-01-01T00:00:00Z' }, [STREAM], [ACCOUNT]);
  await sink.slice(resultOf(0), changeOf());
  await fill(url, held);
  const seconds: number[] = [];
  for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
    const startMs = performance.now();
    await sink.slice(resultOf(repeat), changeOf());
    seconds.push((performance.now() - startMs) / 1000);
  }
  await sink.close();
  const median = seconds.sort((left, right) => left - right)[Math.floor(REPEATS / 2)] ?? 0;
  report(`${(held + 1) * ROWS_PER_SLICE} rows held: ${Math.round(median * 1000)} ms a replace`);
  return median;
}

/** Fills the same month with other accounts, as the server's own work: it is only there to be many. */
async function fill(url: string, slices: number): Promise<void> {
  if (slices === 0) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO traffic_events.clicks
     SELECT 'DE:dsp:other-' || slice, 'DE', '${FIRST_DATE}'::date + slice % 28, false, 'e-' || slice,
            row_number, '2026-01-01Z', row_number, 1
       FROM generate_series(1, ${slices}) AS slice, generate_series(1, ${ROWS_PER_SLICE}) AS row_number`,
  );
  await client.query('VACUUM ANALYZE traffic_events.clicks');
  await client.end();
}

const COLUMNS: readonly ResultColumn[] = [
  { name: 'campaign_id', type: 'LONG', role: 'dimension' },
  { name: 'clicks', type: 'LONG', role: 'metric' },
  { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
];

const text = { type: 'string' };
const whole = { type: ['null', 'integer'] };

const STREAM: StreamDescription = {
  stream: 'clicks',
  keyProperties: SLICE_KEY_PROPERTIES,
  schema: {
    'x-replace-by': ['account_id', 'event_date'],
    properties: {
      account_id: text,
      marketplace: text,
      event_date: { type: 'string', format: 'date' },
      filtered: { type: 'boolean' },
      execution_id: text,
      row_number: { type: 'integer' },
      extracted_at: { type: 'string', format: 'date-time' },
      campaign_id: whole,
      clicks: whole,
    },
  },
};

/** The same slice, each copy newer than the one before. */
function resultOf(copy: number): SliceResult {
  const slice = { stream: 'clicks', account_id: ACCOUNT, event_date: addDays(FIRST_DATE, 5) };
  const facts = {
    execution_id: `e-copy-${copy}`,
    row_count: ROWS_PER_SLICE,
    complete: true,
    settled: true,
    suspect: false,
  };
  const at = new Date(Date.UTC(2026, 0, 1) + copy * 1000).toISOString();
  return {
    mark: { ...slice, ...facts },
    ledger: {
      ...slice,
      ...facts,
      extraction_id: facts.execution_id,
      marketplace: 'DE',
      status: 'settled',
      workflow_id: null,
      create_time: at,
      sums: { clicks: String(ROWS_PER_SLICE) },
      suppressed_share: null,
      fingerprint: 'bench',
      raw_sha256: null,
      reason: null,
      run_id: 'bench',
      recorded_at: at,
    },
    marketplace: 'DE',
    extractedAt: at,
    columns: COLUMNS,
    mainSum: String(ROWS_PER_SLICE),
    async *rows() {
      yield Array.from({ length: ROWS_PER_SLICE }, (_, index) => [String(index), '1', 'false']);
    },
  };
}

function changeOf() {
  const state = {
    fingerprint: 'bench',
    since: FIRST_DATE,
    bookmark: null,
    tail: {},
    in_flight: [],
  };
  return { stream: 'clicks', accountId: ACCOUNT, state };
}
