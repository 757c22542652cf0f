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

/**
 * The rows of a result as they were delivered, where every cell was found to stand there as a `Cell`
 * has it: CSV of RFC 4180 without a header, a record a line. NULL is a blank or a quoted blank.
 */
export interface CanonicalCsv {
  /** Indexes of the result's columns, in the order in which the text has them. */
  readonly order: readonly number[];
  /** Pieces of whole lines, in UTF-8; each is good until the next one is asked for. */
  lines(): AsyncIterable<Uint8Array>;
}

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
  /** The same rows for sinks that read CSV themselves; absent where cells stand otherwise. */
  readonly canonical?: CanonicalCsv | undefined;
}

/** A record of a slice stream numbers its rows from 1, in the order of the result. */
export const FIRST_ROW_NUMBER = 1;
