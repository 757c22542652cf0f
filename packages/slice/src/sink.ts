import type { Copy } from './copy.ts';
import type { EventDate } from './event-date.ts';
import type { LedgerRow } from './ledger.ts';
import type { RunMark, SliceKey } from './slice.ts';
import type { SliceResult } from './slice-result.ts';
import type { PartitionState } from './state.ts';

/** A stream as its records are described: to a Singer target by SCHEMA, to a loader directly. */
export interface StreamDescription {
  readonly stream: string;
  /** JSON schema of a record. Slice streams carry `x-replace-by`. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly keyProperties: readonly string[];
}

/** The state of one stream and account, as it is once the data beside it has been delivered. */
export interface PartitionChange {
  readonly stream: string;
  readonly accountId: string;
  readonly state: PartitionState;
}

/** A stream whose slices a sink cannot take, whatever is in them. */
export interface RefusedStream {
  readonly stream: string;
  /** What is in the way, and what to do about it. */
  readonly reason: string;
}

/** A slice that the warehouse cannot take for what is in it; nothing of the call was kept. */
export interface RefusedOutcome {
  readonly kind: 'refused';
  /** What it says, with the column and the value where they are known, cut and clean. */
  readonly reason: string;
  /** Row of the result that is at fault, from 1; absent where it is not known. */
  readonly row?: number | undefined;
}

/** What became of a delivered slice. A Singer tap cannot know: the target decides. */
export type SliceOutcome =
  | RefusedOutcome
  | { readonly kind: 'applied' }
  | {
      readonly kind: 'kept_better';
      readonly reason: string;
      /** It is suspect beside the copy held: the slice stays open. */
      readonly suspect: boolean;
      /** The copy that is held: a state that was lost, or is older, does not know it. */
      readonly held: Copy;
    }
  | { readonly kind: 'handed_on' };

/**
 * Where results go: Singer messages (the tap) or a loader (sync). Calls never overlap, but for those
 * that `mayOverlap` allows.
 */
export interface Sink {
  /**
   * Whether `slice`, `ledger` and `state` may be called while earlier calls of them are under way.
   * Such a sink may commit several calls together, but always those that were called first, so that
   * no state is safe before what it builds on. A call settles when its own commit has. After one has
   * failed, nothing of a later one is delivered: each fails for the same reason.
   */
  readonly mayOverlap?: boolean;
  /**
   * Called once, before anything else, with the streams of the run and the state it starts from.
   * Answers those that it cannot take: no slice of them is to be delivered. Rejects where it takes none.
   */
  open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<readonly RefusedStream[]>;
  /**
   * Rejects when nobody takes what would be delivered; asked before each execution is created. A
   * sink without it is always ready.
   */
  ready?(): Promise<void>;
  /**
   * A slice, its ledger row and the state that says so: all of them or none. A slice that cannot be
   * taken is an outcome, and no failure: what comes behind it is delivered. The state of a change is
   * to be read as it is committed, because it is without what was refused by then.
   */
  slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome>;
  /** Ledger rows without data: what failed, and slices that close without an execution. */
  ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void>;
  /** State alone, such as an execution that has just been created. */
  state(change: PartitionChange): Promise<void>;
  /**
   * Those of `slices` of which a whole copy is held, also where the state knows of none. A sink without
   * it cannot know, as a Singer tap cannot.
   */
  holdsWhole?(slices: readonly SliceKey[]): Promise<readonly SliceKey[]>;
  /** Resolves once everything delivered is safe. */
  close(): Promise<void>;
}

/** Dates of a stream and account, for messages: `2026-01-01 to 2026-01-05`. */
export function describeRange(from: EventDate, to: EventDate): string {
  return from === to ? from : `${from} to ${to}`;
}
