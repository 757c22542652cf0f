import type { LoadRules } from '../messages/load-rules.ts';
import type { LoadOutcome } from './load-outcome.ts';

/** A row of a table, every column as text; NULL is null. */
export type TextRow = readonly (string | null)[];

/** A warehouse of a test file's own, as the contract suites ask it. */
export interface WarehouseUnderTest {
  /** Loads messages as a target would; tells also of a failed load what was passed on. */
  load(lines: readonly string[], rules?: Partial<LoadRules>): Promise<LoadOutcome>;
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
  const texts = rows.map((row) => columns.map((column) => row[column] ?? null));
  return texts.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
