import type { NamingRules } from '../tables/naming.ts';

export type ViewType = 'text' | 'integer' | 'number' | 'date' | 'boolean';

/** What the SQL of views differs in between warehouses. Everything else in it all of them understand. */
export interface ViewDialect {
  readonly names: NamingRules;
  /** SQL types by what they hold; `number` is exact. */
  readonly types: Readonly<Record<ViewType, string>>;
  /** A table or view of the warehouse, as queries name it. */
  qualified(table: string): string;
  literal(text: string): string;
  /** A column, whatever its name. */
  quoted(column: string): string;
  /**
   * What to select a row for each date from, as column `event_date`; both ends are included, and
   * may be columns of what stands before it in the same FROM.
   */
  eachDate(first: string, last: string): string;
  /** The instant at which a date begins in the zone that the account's id names: UTC if it names none. */
  beginning(date: string, accountId: string): string;
  /** An instant so many hours later. */
  later(instant: string, hours: string): string;
  /** The instant at which a view is asked. */
  readonly now: string;
  /** The date at an instant in the zone that the account's id names: of UTC if it names none. */
  dateAt(instant: string, accountId: string): string;
  dayBefore(date: string): string;
  /** Days from one instant to another, with their fraction; below 0 where the other was before. */
  daysBetween(instant: string, other: string): string;
}

/** A view: its name, what it is for, and the query that it stands for. */
export interface View {
  readonly name: string;
  readonly description: string;
  readonly query: string;
  /** Tables of slices that it reads where they are there. */
  readonly reads: readonly string[];
  /** The table whose columns it has, with what is said of them. */
  readonly below?: string;
}

/** Columns of the tables of slices that exist, by table. */
export type KnownColumns = ReadonlyMap<string, ReadonlySet<string>>;
