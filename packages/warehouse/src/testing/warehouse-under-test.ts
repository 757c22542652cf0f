import type { Clock } from '@traffic-events/client';
import type { LeaseTimings } from '../leases/lease-keeper.ts';
import type { Logger } from '@traffic-events/client';
import type { AccountChange } from '../audit/account-change.ts';
import type { TableRows } from '../audit/administration.ts';
import type { Verification } from '../audit/verify-slices.ts';
import type { LoadRules } from '../messages/load-rules.ts';
import type { MessageOptions } from '../messages/message-loader.ts';
import type { ColumnKind } from '../tables/column-kind.ts';
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
  /** As programs are told it. */
  readonly url: string;
  /** What the warehouse calls the kinds of columns. */
  readonly types: Readonly<Record<ColumnKind, string>>;
  /** Loads messages as a target would; tells also of a failed load what was passed on. */
  load(lines: readonly string[] | Buffer, rules?: Partial<LoadRules>): Promise<LoadOutcome>;
  /** The same as they come. */
  loadMessages(source: AsyncIterable<Uint8Array>, options: MessageOptions): Promise<void>;
  sink(options?: SinkOptions): ResultSink;
  status(): Promise<PartitionStatus[]>;
  verify(): Promise<Verification>;
  countRows(accountId: string): Promise<TableRows[]>;
  /** Waits for nobody who has the account. */
  changeAccount(change: AccountChange): Promise<void>;
  /** Runs a statement; `{table}` stands for that table's name. */
  change(statement: string): Promise<void>;
  /** From now on the warehouse refuses rows of a table in which a column of text is `value`. */
  refuse(table: string, column: string, value: string): Promise<void>;
  /** What a program of before its leases went elsewhere did before it wrote anything. */
  readonly formerTaking: string;
  /** Puts leases where they stood then, beside what an upgrade leaves that was cut off. */
  putLeasesBack(): Promise<void>;
  /** Types of a table's columns. */
  typesOf(table: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Rows of a table in the order of their columns; `name:json` is a column of JSON. `where` is SQL
   * that every warehouse understands.
   */
  rows(table: string, columns: readonly string[], where?: string): Promise<TextRow[]>;
  /** Marks it as a version would that is newer than this one. */
  makeNewer(): Promise<void>;
  drop(): Promise<void>;
}

/** Tests have accounts and streams of their own: making a warehouse may take seconds. */
export type MakeWarehouse = () => Promise<WarehouseUnderTest>;

/** Rows of a query as the contract suites see them. */
export function textRows(
  rows: readonly Readonly<Record<string, string | null>>[],
  columns: readonly string[],
): TextRow[] {
  const texts = rows.map((row) => columns.map((_, at) => plain(row[`c${at}`] ?? null)));
  return texts.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

/** Instants, decimals and JSON are written in one way; no digit goes. */
function plain(text: string | null): string | null {
  if (text === null) return null;
  if (/^\d{4}-\d\d-\d\d [\d:.]+\+00(?::00)?$/.test(text)) {
    return `${text.slice(0, text.lastIndexOf('+')).replace(' ', 'T')}Z`;
  }
  if (/^(?:-?\d+|[\d:]+)\.\d+$/.test(text)) return text.replace(/\.?0+$/, '');
  return /^[[{]/.test(text) ? text.replaceAll(/([:,]) (?=["\d[{nft-])/g, '$1') : text;
}
