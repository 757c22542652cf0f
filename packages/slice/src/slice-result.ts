import type { ResultColumn } from './column.ts';
import type { LedgerRow } from './ledger.ts';
import type { SliceMark } from './slice.ts';

/**
 * A cell in canonical text, null for NULL: integers and decimals as digits, booleans as `true` and
 * `false`, dates as `YYYY-MM-DD`, timestamps as ISO 8601 with `Z`.
 */
export type Cell = string | null;

/** A row of a result: a cell per column, in the order of `SliceResult.columns`. */
export type ResultRow = readonly Cell[];

/** One execution's result, spooled to disk and checked, ready for a sink. */
export interface SliceResult {
  readonly mark: SliceMark;
  readonly ledger: LedgerRow;
  readonly marketplace: string;
  /** When the result was downloaded, in API time. ISO 8601, UTC. */
  readonly extractedAt: string;
  readonly columns: readonly ResultColumn[];
  /** Sum of the stream's main metric, decimal text; what `isSuspectBeside` compares. */
  readonly mainSum: string | null;
  /** The rows in batches, in the order of the result; may be read more than once. */
  rows(): AsyncIterable<readonly ResultRow[]>;
}

/** A record of a slice stream numbers its rows from 1, in the order of the result. */
export const FIRST_ROW_NUMBER = 1;
