import type { TargetProgram } from './programs.ts';
import type { Stream } from './streams.ts';

/** An empty warehouse of a test's own: what differs between loaders, and nothing else. */
export interface WarehouseUnderTest {
  /** `warehouse` of traffic-events.yaml. */
  readonly url: string;
  readonly target: { readonly program: TargetProgram; readonly config: object };
  /** The dialect's name for the type that numbers and dates are told in. */
  readonly textType: string;
  /** A table as SQL names it. */
  nameOf(table: string): string;
  /** SELECT of each row of a table as one text, `content`, without some of its columns. */
  contentSql(table: string, without: readonly string[]): string;
  query<Row extends Readonly<Record<string, unknown>>>(sql: string): Promise<Row[]>;
  /** The tables that there are by now. */
  tables(): Promise<string[]>;
  drop(): Promise<void>;
}

/** A kind of warehouse, and how much of a world it bears in the time of a test. */
export interface WarehouseKind {
  /** The project of the test run that tries it. */
  readonly project: string;
  /** False where there is no server of it on this machine; its tests are then skipped. */
  isHere(): boolean;
  openEmpty(): Promise<WarehouseUnderTest>;
  readonly streams: readonly Stream[];
  /** Event dates that have events. */
  readonly days: number;
  /** What one such date and the open ones after it come to; when to kill is drawn from it. */
  readonly crash: {
    /** Lines that the tap writes. */
    readonly pipedLines: number;
    /** Lines that a sync logs. */
    readonly loggedLines: number;
    /** How long it takes, about, to commit a slice. */
    readonly commitMs: number;
  };
}
