import {
  extractionId,
  LEDGER_KEY_PROPERTIES,
  LEDGER_SCHEMA,
  SLICE_KEY_PROPERTIES,
} from '@traffic-events/slice';
import type {
  LedgerRow,
  PartitionChange,
  PartitionState,
  ResultColumn,
  ResultRow,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';

/** A slice for tests: what is not given is plain. */
export interface SliceFixture {
  readonly stream?: string;
  readonly accountId?: string;
  readonly eventDate?: string;
  readonly executionId: string;
  /** Whether slices of other streams are of the same execution. */
  readonly isShared?: boolean;
  readonly createTime?: string;
  readonly complete?: boolean;
  readonly settled?: boolean;
  readonly suspect?: boolean;
  readonly columns?: readonly ResultColumn[];
  readonly rows: readonly ResultRow[];
  readonly declaredRowCount?: number;
  readonly runId?: string;
  readonly fingerprint?: string;
}

export const CLICKS_COLUMNS: readonly ResultColumn[] = [
  { name: 'campaign', type: 'STRING', role: 'dimension' },
  { name: 'campaign_id', type: 'LONG', role: 'dimension' },
  { name: 'clicks', type: 'LONG', role: 'metric' },
  { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
];

/** The stream whose columns are `CLICKS_COLUMNS`. */
export const CLICKS: StreamDescription = {
  stream: 'dsp_clicks',
  keyProperties: SLICE_KEY_PROPERTIES,
  schema: {
    type: 'object',
    'x-replace-by': ['account_id', 'event_date'],
    properties: {
      account_id: { type: 'string' },
      marketplace: { type: 'string' },
      event_date: { type: 'string', format: 'date' },
      filtered: { type: 'boolean' },
      campaign: { type: ['null', 'string'] },
      campaign_id: { type: ['null', 'integer'] },
      clicks: { type: ['null', 'integer'] },
      execution_id: { type: 'string' },
      row_number: { type: 'integer' },
      extracted_at: { type: 'string', format: 'date-time' },
    },
  },
};

export const LEDGER: StreamDescription = {
  stream: 'extractions',
  keyProperties: LEDGER_KEY_PROPERTIES,
  schema: LEDGER_SCHEMA,
};

export const ACCOUNT = 'DE:dsp:1234';
export const DATE = '2026-01-05';
export const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
const FINGERPRINT = 'fp1';

function sumOf(rows: readonly ResultRow[], column: number): string | null {
  let sum = 0n;
  for (const row of rows) {
    const cell = row[column] ?? null;
    if (cell === null) return null;
    sum += BigInt(cell);
  }
  return String(sum);
}

export function sliceResult(fixture: SliceFixture): SliceResult {
  const columns = fixture.columns ?? CLICKS_COLUMNS;
  const { rows } = fixture;
  const metric = columns.findIndex(({ role }) => role === 'metric');
  const mainSum = sumOf(rows, metric);
  const ledger = ledgerRow({ ...fixture, rowCount: rows.length, clicks: mainSum });
  return {
    mark: {
      stream: ledger.stream,
      account_id: ledger.account_id,
      event_date: ledger.event_date,
      execution_id: fixture.executionId,
      row_count: fixture.declaredRowCount ?? rows.length,
      complete: fixture.complete ?? true,
      settled: fixture.settled ?? true,
      suspect: fixture.suspect ?? false,
    },
    ledger,
    marketplace: ledger.marketplace,
    extractedAt: ledger.recorded_at,
    columns,
    mainSum,
    async *rows() {
      yield rows;
    },
  };
}

export function ledgerRow(
  fixture: Omit<SliceFixture, 'rows'> & {
    readonly rowCount: number;
    readonly clicks: string | null;
  },
): LedgerRow {
  const { accountId = ACCOUNT, stream = CLICKS.stream, executionId, isShared } = fixture;
  return {
    extraction_id: extractionId(executionId, isShared === true ? stream : null),
    stream,
    account_id: accountId,
    marketplace: accountId.slice(0, 2),
    event_date: fixture.eventDate ?? DATE,
    status: (fixture.settled ?? true) ? 'settled' : 'open',
    execution_id: fixture.executionId,
    workflow_id: `w-${fixture.executionId}`,
    create_time: fixture.createTime ?? '2026-01-09T06:00:00.000Z',
    row_count: fixture.rowCount,
    sums: { clicks: fixture.clicks },
    suppressed_share: 0.25,
    complete: fixture.complete ?? true,
    settled: fixture.settled ?? true,
    suspect: fixture.suspect ?? false,
    fingerprint: fixture.fingerprint ?? FINGERPRINT,
    raw_sha256: 'ab'.repeat(32),
    reason: null,
    run_id: fixture.runId ?? 'run-1',
    recorded_at: '2026-01-09T06:20:00.000Z',
  };
}

export function partitionChange(
  fixture: Pick<SliceFixture, 'stream' | 'accountId'> & { readonly bookmark?: string | null },
): PartitionChange {
  const state: PartitionState = {
    fingerprint: FINGERPRINT,
    since: '2026-01-01',
    bookmark: fixture.bookmark ?? null,
    tail: {},
    in_flight: [],
  };
  return {
    stream: fixture.stream ?? CLICKS.stream,
    accountId: fixture.accountId ?? ACCOUNT,
    state,
  };
}

/** The Singer messages that carry a slice, as our tap writes them. */
export function sliceMessages(
  result: SliceResult,
  rows: readonly ResultRow[],
  change: PartitionChange,
  run = RUN,
): string[] {
  const { mark } = result;
  const records = rows.map((cells, index) => {
    const own = result.columns.map(
      ({ name, type }, column) =>
        `${JSON.stringify(name)}:${jsonCell(cells[column] ?? null, type)}`,
    );
    const rest = JSON.stringify({
      account_id: mark.account_id,
      marketplace: result.marketplace,
      event_date: mark.event_date,
      execution_id: mark.execution_id,
      row_number: index + 1,
      extracted_at: result.extractedAt,
    });
    return `{"type":"RECORD","stream":"${mark.stream}","record":{${own.join(',')},${rest.slice(1)}}`;
  });
  return [
    ...records,
    JSON.stringify({ type: 'RECORD', stream: LEDGER.stream, record: result.ledger }),
    stateMessage([change], { slice: mark, run }),
  ];
}

function jsonCell(cell: string | null, type: string): string {
  if (cell === null) return 'null';
  return type === 'LONG' || type === 'BOOLEAN' ? cell : JSON.stringify(cell);
}

export function stateMessage(changes: readonly PartitionChange[], extra: object = {}): string {
  const bookmarks: Record<string, { partitions: object[] }> = {};
  for (const { stream, accountId, state } of changes) {
    bookmarks[stream] ??= { partitions: [] };
    bookmarks[stream].partitions.push({ context: { account_id: accountId }, ...state });
  }
  return JSON.stringify({ type: 'STATE', value: { bookmarks, ...extra } });
}

export function schemaMessage({ stream, schema, keyProperties }: StreamDescription): string {
  return JSON.stringify({ type: 'SCHEMA', stream, schema, key_properties: keyProperties });
}
