import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  SliceKey,
  SliceOutcome,
  SliceResult,
} from '@traffic-events/slice';
import type { Capabilities } from './capabilities.ts';
import type { LoadRules } from './messages/load-rules.ts';
import type { Fields, RecordFields } from './messages/record-fields.ts';
import type { KnownDates } from './messages/state-gate.ts';
import type { Waiting } from './messages/waiting.ts';
import type { Entries } from './slices/entries.ts';
import type { DeclaredSlice, LedgerCopy, SliceDecision } from './slices/slice-decision.ts';
import type { SliceExecution } from './slices/slice-execution.ts';
import type { MetadataColumn } from './tables/metadata-columns.ts';
import type { PreparedTable } from './tables/prepared-table.ts';
import type { TableDefinition } from './tables/table-definition.ts';

/** The table of a stream, and what turns its records into the fields that its writers take. */
export interface StreamTable {
  readonly table: PreparedTable;
  readonly fields: RecordFields;
}

/** Rows of a slice on their way; nobody sees them before they are committed. */
export interface SliceWriter {
  /** Bytes that wait for the commit; none where rows go to the warehouse as they come. */
  readonly waitingBytes: number;
  /** Adds a row. Answers a promise only when there is something to wait for. */
  add(fields: Fields): Promise<void> | undefined;
  /** To be called when all rows have come. */
  close(): Promise<void>;
  /** Leaves everything as it was. */
  abandon(): Promise<void>;
}

/** Rows of a table that is loaded by key, or added to, until they are committed. */
export interface TableWriter {
  readonly table: PreparedTable;
  /** How many have come since the last commit. */
  readonly rows: number;
  /** Adds a row. Answers a promise only when there is something to wait for. */
  add(fields: Fields): Promise<void> | undefined;
  /** The fields of the row that came first; undefined where a later one of its key replaces it. */
  first(): Promise<Fields | undefined>;
  /** Lets go of all that wait, without a commit. */
  discard(): Promise<void>;
}

/** A slice that is whole, and its rows. */
export interface WrittenSlice<Slice extends SliceWriter> extends DeclaredSlice {
  readonly writer: Slice;
}

/** All that is to be committed. */
export interface LoadChanges<Slice extends SliceWriter, Rows extends TableWriter> {
  readonly slices: readonly WrittenSlice<Slice>[];
  readonly tables: readonly Rows[];
  /** Ledger rows without rows in a table. */
  readonly ledger: readonly LedgerRow[];
  readonly changes: readonly PartitionChange[];
  /** Absent where no account is written to. */
  readonly run: RunMark | undefined;
}

/** What one call of a sink hands over: all of it is committed, or nothing. */
export interface Delivery extends Entries {
  /** A slice, which brings its own ledger row. */
  readonly result?: SliceResult | undefined;
  /** The table of the slice. */
  readonly table?: PreparedTable | undefined;
}

/** What becomes of rows of older versions: they are deleted, or marked with this instant. */
export type Deletion = 'hard' | { readonly markedAt: string };

/**
 * What a warehouse does for whatever is loaded. Connections, statements and what is tried again are
 * its own; what fails leaves nothing behind that the next run would not mend.
 */
interface Driver {
  /** Makes the table of a stream, or what it lacks, and answers the one that its rows go to first. */
  ensure(definition: TableDefinition, metadata: readonly MetadataColumn[]): Promise<PreparedTable>;
  /** Resolves once everything that was given has settled. */
  close(): Promise<void>;
}

/** For results: of one run, with leases that are taken at its beginning. */
export interface ResultDriver extends Driver {
  /** The states of accounts, whose leases are taken first. */
  readStates(accounts: readonly string[]): Promise<PartitionChange[]>;
  /** Takes the leases for the run that delivers; refuses one that newer ones have overtaken. */
  begin(run: RunMark, accounts: readonly string[]): Promise<void>;
  /**
   * Takes the leases of accounts, asks for statements about them, and runs these in one transaction.
   */
  administer(accounts: readonly string[], statements: () => Promise<string[]>): Promise<void>;
  /** What the ledger says of the copies of each slice, in their order. */
  ledgerOf(slices: readonly SliceKey[]): Promise<readonly (readonly LedgerCopy[])[]>;
  /** Commits all of a delivery or nothing, and answers what became of its slice. */
  deliver(delivery: Delivery): Promise<SliceOutcome | undefined>;
}

/** For messages of any tap. */
export interface LoadDriver<Slice extends SliceWriter, Rows extends TableWriter> extends Driver {
  readonly capabilities: Capabilities;
  /** Takes the leases of the accounts that are not held yet. */
  lease(accounts: readonly string[]): Promise<void>;
  /** Dates that the ledger has something about, other than failures. */
  knownDates(accounts: readonly string[]): Promise<KnownDates>;
  fieldsOf(table: PreparedTable, rules: LoadRules): RecordFields;
  openSlice(stream: StreamTable, execution: SliceExecution): Promise<Slice>;
  /** What it gathers it counts in `waiting`. */
  tableWriter(stream: StreamTable, waiting: Waiting): Rows;
  /** Those of `rows` that came as numbers `from`, counted from 0, up to and without `to`; once more. */
  part(rows: Rows, from: number, to: number): Promise<Rows>;
  /** Decides slices by rule 6 and commits; a slice with its ledger row and state, or nothing of it. */
  commit(changes: LoadChanges<Slice, Rows>): Promise<ReadonlyMap<DeclaredSlice, SliceDecision>>;
  /** Commits what waits of a table, and ends the rows of versions older than `version`. */
  activate(rows: Rows, version: number, deletion: Deletion): Promise<void>;
  /** Puts the rows of streams that overwrite in the place of all that their tables have. */
  replaceAll(): Promise<void>;
}
