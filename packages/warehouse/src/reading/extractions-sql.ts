import { LEDGER_STREAM, PASSING_STATUSES } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { IS_HOLDING } from '../slices/status-sql.ts';

type Dialect = Pick<WarehouseReader, 'dialect' | 'jsonText'>;

/** Which rows of the ledger are asked for. */
export interface ExtractionFilter {
  readonly accountId?: string | undefined;
  readonly eventDate?: EventDate | undefined;
  readonly runId?: string | undefined;
  /** Only what failed, was kept out, or closed without being whole. */
  readonly isTrouble?: boolean;
  readonly limit: number;
}

const PLAIN_COLUMNS = [
  'extraction_id',
  'stream',
  'account_id',
  'status',
  'execution_id',
  'workflow_id',
  'fingerprint',
  'raw_sha256',
  'reason',
  'run_id',
] as const;

const CAST_COLUMNS = [
  'event_date',
  'create_time',
  'row_count',
  'suppressed_share',
  'complete',
  'settled',
  'suspect',
  'recorded_at',
] as const;

type ExtractionColumn = (typeof PLAIN_COLUMNS)[number] | (typeof CAST_COLUMNS)[number] | 'sums';

/** A row of the ledger, every column as text. */
export type ExtractionTexts = Readonly<Record<ExtractionColumn, string | null>>;

const TROUBLE = [...PASSING_STATUSES, 'missed', 'partial', 'frozen'];

/** Rows of the ledger, the newest first. */
export function extractionsSql(reader: Dialect, filter: ExtractionFilter): string {
  const { dialect, jsonText } = reader;
  const casts = CAST_COLUMNS.map((name) => `CAST(${name} AS ${dialect.types.text}) AS ${name}`);
  return `SELECT ${[...PLAIN_COLUMNS, ...casts, `${jsonText('sums')} AS sums`].join(', ')}
  FROM ${dialect.qualified(LEDGER_STREAM)} AS entries
 WHERE ${conditions(reader, filter).join(' AND ')}
 ORDER BY entries.recorded_at DESC, stream
 LIMIT ${filter.limit}`;
}

/** The partition filter comes first: in some warehouses a query without one is refused. */
function conditions({ dialect }: Dialect, filter: ExtractionFilter): string[] {
  const { accountId, eventDate, runId, isTrouble = false } = filter;
  const date = 'entries.event_date';
  const literal = (text: string) => dialect.literal(text);
  return [
    eventDate === undefined
      ? `${date} >= DATE '0001-01-01'`
      : `${date} = DATE ${literal(eventDate)}`,
    ...(accountId === undefined ? [] : [`account_id = ${literal(accountId)}`]),
    ...(runId === undefined ? [] : [`run_id = ${literal(runId)}`]),
    ...(isTrouble ? [`(status IN (${TROUBLE.map(literal).join(', ')}) OR suspect)`] : []),
  ];
}

/** A run, and what it entered in the ledger; every column as text. */
export interface RunTexts {
  readonly run_id: string;
  readonly first_at: string;
  readonly last_at: string;
  readonly accounts: string;
  readonly loaded: string;
  readonly kept: string;
  readonly failed: string;
  readonly missed: string;
  readonly rows_loaded: string;
}

/** The newest runs first. */
export function runsSql({ dialect }: Pick<WarehouseReader, 'dialect'>, limit: number): string {
  const text = (expression: string) => `CAST(${expression} AS ${dialect.types.text})`;
  const isLoaded = `execution_id IS NOT NULL AND status ${IS_HOLDING}`;
  const countOf = (condition: string) => text(`sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`);
  return `SELECT run_id, ${text('min(recorded_at)')} AS first_at, ${text('max(recorded_at)')} AS last_at,
       ${text('count(DISTINCT account_id)')} AS accounts,
       ${countOf(isLoaded)} AS loaded,
       ${countOf("status = 'kept_better'")} AS kept,
       ${countOf("status = 'failed'")} AS failed,
       ${countOf("status = 'missed'")} AS missed,
       ${text(`coalesce(sum(CASE WHEN ${isLoaded} THEN row_count END), 0)`)} AS rows_loaded
  FROM ${dialect.qualified(LEDGER_STREAM)}
 GROUP BY run_id
 ORDER BY max(recorded_at) DESC
 LIMIT ${limit}`;
}
