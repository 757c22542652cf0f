import type { Clock } from '@traffic-events/client';
import type { LeaseTimings } from '../leases/lease-keeper.ts';
import type { Logger } from '../logger.ts';
import type { LoadRules } from '../messages/load-rules.ts';
import type { PartitionStatus } from '../slices/partition-status.ts';
import type { ResultSink } from '../result-sink.ts';
import type { LoadOutcome } from './load-outcome.ts';

/** A row of a table, every column as text; NULL is null. */
export type TextRow = readonly (string | null)[];

interface SinkOptions {
  readonly leaseClock?: Clock;
  readonly leaseTimings?: Partial<LeaseTimings>;
  readonly logger?: Logger;
}

/** A warehouse of a test file's own, as the contract suites ask it. */
export interface WarehouseUnderTest {
  /** Loads messages as a target would; tells also of a failed load what was passed on. */
  load(lines: readonly string[], rules?: Partial<LoadRules>): Promise<LoadOutcome>;
  sink(options?: SinkOptions): ResultSink;
  status(): Promise<PartitionStatus[]>;
  /** Runs a statement; `{table}` stands for that table's name. */
  change(statement: string): Promise<void>;
  /** Rows of a table in the order of their columns. `where` is SQL that every warehouse understands. */
  rows(table: string, columns: readonly string[], where?: string): Promise<TextRow[]>;
  drop(): Promise<void>;
}

/** Tests have accounts and streams of their own: making a warehouse may take seconds. */
export type MakeWarehouse = () => Promise<WarehouseUnderTest>;

/** Rows of a query as the contract suites see them. */
export function textRows(
  rows: readonly Readonly<Record<string, string | null>>[],
  columns: readonly string[],
): TextRow[] {
  const texts = rows.map((row) => columns.map((column) => plain(row[column] ?? null)));
  return texts.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

/** Instants are written in one way. */
function plain(text: string | null): string | null {
  const isInstant = text !== null && /^\d{4}-\d\d-\d\d [\d:.]+\+00(?::00)?$/.test(text);
  return isInstant ? new Date(text.replace(/\+00.*$/, 'Z')).toISOString() : text;
}
