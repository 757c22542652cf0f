import type { KnownColumns, ViewDialect } from '../views/view-dialect.ts';
import type { ViewNotes } from '../views/view-note.ts';

/** Reads a warehouse beside whoever is loading, by SQL that every warehouse understands. */
export interface WarehouseReader {
  readonly dialect: ViewDialect;
  /** A column of JSON as text. */
  jsonText(column: string): string;
  /** Of a table of ours: false where nothing has been loaded yet, or an older version has loaded. */
  hasTable(name: string): Promise<boolean>;
  /** Of every view that is there what the catalog says of it; empty where it says nothing. */
  viewNotes(): Promise<ViewNotes>;
  /** The tables of slices that there are. */
  sliceTables(): Promise<KnownColumns>;
  /** The views that there are, by name. */
  views(): Promise<string[]>;
  /** Rows whose columns are text. */
  rows<Row extends object>(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}
