import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { readCsv } from '@traffic-events/client';
import { SLICE_KEY_PROPERTIES } from '@traffic-events/slice';
import type {
  PartitionChange,
  ResultColumn,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';

const STREAM = 'bench_impressions';
const ACCOUNT = 'DE:dsp:4123456789012';
const EVENT_DATE = '2026-01-05';
const EXECUTION = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const EXTRACTED_AT = '2026-01-09T06:20:00.000Z';

/** The columns of the delivered file. */
export const BENCH_COLUMNS: readonly ResultColumn[] = [
  { name: 'campaign', type: 'STRING', role: 'dimension' },
  { name: 'campaign_id', type: 'LONG', role: 'dimension' },
  { name: 'creative', type: 'STRING', role: 'dimension' },
  { name: 'creative_id', type: 'LONG', role: 'dimension' },
  { name: 'line_item_id', type: 'LONG', role: 'dimension' },
  { name: 'supply_source', type: 'STRING', role: 'dimension' },
  { name: 'impressions', type: 'LONG', role: 'metric' },
  { name: 'impression_cost', type: 'LONG', role: 'metric' },
  { name: 'total_cost', type: 'LONG', role: 'metric' },
  { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
];

/** The table's 16 columns, in the order of the ready CSV. */
export const TABLE_COLUMNS: readonly (readonly [name: string, sqlType: string])[] = [
  ['account_id', 'text'],
  ['marketplace', 'text'],
  ['event_date', 'date'],
  ['execution_id', 'text'],
  ['extracted_at', 'timestamptz'],
  ['campaign', 'text'],
  ['campaign_id', 'bigint'],
  ['creative', 'text'],
  ['creative_id', 'bigint'],
  ['line_item_id', 'bigint'],
  ['supply_source', 'text'],
  ['impressions', 'bigint'],
  ['impression_cost', 'bigint'],
  ['total_cost', 'bigint'],
  ['filtered', 'boolean'],
  ['row_number', 'bigint'],
];

const JSON_TYPES: Readonly<Record<string, object>> = {
  text: { type: ['null', 'string'] },
  bigint: { type: ['null', 'integer'] },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  timestamptz: { type: 'string', format: 'date-time' },
};

export const BENCH_STREAM: StreamDescription = {
  stream: STREAM,
  keyProperties: SLICE_KEY_PROPERTIES,
  schema: {
    type: 'object',
    'x-replace-by': ['account_id', 'event_date'],
    properties: Object.fromEntries(
      TABLE_COLUMNS.map(([name, sqlType]) => [name, JSON_TYPES[sqlType]]),
    ),
  },
};

export const BENCH_RUN = { id: 'bench', started_at: '2026-01-09T06:00:00.000Z' };
export const BENCH_ACCOUNT = ACCOUNT;

export interface BenchFiles {
  readonly rowCount: number;
  /** The result as the API delivers it. */
  readonly delivered: string;
  /** The same rows with every column of the table, ready for COPY. */
  readonly ready: string;
  readonly impressions: bigint;
}

/** Writes the same rows both ways; always the same ones for the same count. */
export async function writeBenchFiles(directory: string, rowCount: number): Promise<BenchFiles> {
  const paths = {
    delivered: join(directory, 'delivered.csv'),
    ready: join(directory, 'ready.csv'),
  };
  const delivered = createWriteStream(paths.delivered);
  const ready = createWriteStream(paths.ready);
  const random = generator(20_260_105);
  let impressions = 0n;
  let texts = { delivered: `${BENCH_COLUMNS.map(({ name }) => name).join(',')}\n`, ready: '' };
  const constants = [ACCOUNT, 'DE', EVENT_DATE, EXECUTION, EXTRACTED_AT].join(',');
  for (let row = 1; row <= rowCount; row += 1) {
    const { cells, count } = nextRow(random);
    impressions += BigInt(count);
    texts.delivered += `${cells}\n`;
    texts.ready += `${constants},${cells},${row}\n`;
    if (row % 2000 === 0 || row === rowCount) {
      await Promise.all([write(delivered, texts.delivered), write(ready, texts.ready)]);
      texts = { delivered: '', ready: '' };
    }
  }
  await Promise.all([endOf(delivered), endOf(ready)]);
  return { rowCount, ...paths, impressions };
}

function nextRow(random: () => number): { cells: string; count: number } {
  const campaign = Math.floor(random() ** 2 * 400);
  const creative = Math.floor(random() ** 2 * 3000);
  const lineItem = Math.floor(random() * 5000);
  const count = 1 + Math.floor(random() ** 6 * 5000);
  const cost = count * (90 + Math.floor(random() * 400));
  const name = campaign % 20 === 0 ? `"Winter, DE ""${campaign}"""` : `Prospecting ${campaign} DE`;
  const filtered = random() < 0.05;
  const cells = [
    filtered ? '' : name,
    filtered ? '' : 580_000_000_000_000_000n + BigInt(campaign),
    `Creative ${creative} 300x250`,
    590_000_000_000_000_000n + BigInt(creative),
    570_000_000_000_000_000n + BigInt(lineItem),
    `supply-${lineItem % 60}`,
    count,
    cost,
    cost + Math.floor(cost / 10),
    filtered,
  ];
  return { cells: cells.join(','), count };
}

/** mulberry32: small, seeded, good enough for shapes. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

/** Ends a file and waits until all of it is written. */
export async function endOf(stream: WriteStream): Promise<void> {
  stream.end();
  await once(stream, 'finish');
}

/** The delivered file as the source hands it to a sink. */
export function benchResult({
  rowCount,
  delivered,
  impressions,
}: Omit<BenchFiles, 'ready'>): SliceResult {
  const facts = {
    execution_id: EXECUTION,
    row_count: rowCount,
    complete: true,
    settled: true,
    suspect: false,
  };
  const slice = { stream: STREAM, account_id: ACCOUNT, event_date: EVENT_DATE };
  return {
    mark: { ...slice, ...facts },
    ledger: {
      extraction_id: EXECUTION,
      ...slice,
      ...facts,
      marketplace: 'DE',
      status: 'settled',
      workflow_id: 'bench',
      create_time: '2026-01-09T06:00:00.000Z',
      sums: { impressions: String(impressions) },
      suppressed_share: null,
      fingerprint: 'bench',
      raw_sha256: createHash('sha256').update(delivered).digest('hex'),
      reason: null,
      run_id: BENCH_RUN.id,
      recorded_at: EXTRACTED_AT,
    },
    marketplace: 'DE',
    extractedAt: EXTRACTED_AT,
    columns: BENCH_COLUMNS,
    mainSum: String(impressions),
    rows: () => readCsv([{ path: delivered }], { columns: BENCH_COLUMNS }),
  };
}

export function benchChange(): PartitionChange {
  return {
    stream: STREAM,
    accountId: ACCOUNT,
    state: {
      fingerprint: 'bench',
      since: EVENT_DATE,
      bookmark: EVENT_DATE,
      tail: {},
      in_flight: [],
    },
  };
}
