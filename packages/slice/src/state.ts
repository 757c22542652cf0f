import type { DateSpan } from './date-spans.ts';
import type { EventDate } from './event-date.ts';
import type { SliceStatus } from './slice.ts';

/** A date that has been touched and is not known as closed otherwise. Instants are ISO 8601, UTC. */
export interface TailEntry {
  readonly status: SliceStatus;
  /**
   * The copy held; null while there is none. Where `complete` is true all the same, the slice had
   * closed by a former definition: a copy of that is held, of which the state knows no more.
   */
  readonly execution_id: string | null;
  readonly create_time: string | null;
  readonly row_count: number | null;
  /** Sum of the stream's main metric in that copy, decimal text. */
  readonly main_sum: string | null;
  readonly complete: boolean;
  readonly settled: boolean;
  readonly suspect: boolean;
  /** Why the copy held is suspect by itself, in words; absent where nothing speaks against it. */
  readonly doubt?: string | undefined;
  /** Shape of the bundle that the copy held is of, where it waits for a proof, or is in doubt. */
  readonly bundle?: string | undefined;
  /** Of the definition that the copy shows, where that is not the partition's. */
  readonly fingerprint?: string | undefined;
  /** createTime of the latest execution, applied or not: decides when to ask again. */
  readonly last_create_time: string | null;
  /** The latest execution that came to its end, where that is not the one held. */
  readonly last_execution_id?: string | undefined;
  /** createTime of the latest execution that came to no good: older ones are not taken over again. */
  readonly failed_create_time?: string | undefined;
  /** Failures in a row since the last success. */
  readonly attempts: number;
  readonly next_try: string | null;
  /** What `next_try` waits for; absent where it waits for nothing, and in states of old. */
  readonly last_failure?: SliceFailure | undefined;
}

/** A date that nothing has been done for yet. */
export const UNTOUCHED_ENTRY: TailEntry = {
  status: 'open',
  execution_id: null,
  create_time: null,
  row_count: null,
  main_sum: null,
  complete: false,
  settled: false,
  suspect: false,
  last_create_time: null,
  attempts: 0,
  next_try: null,
};

/** `failure`: an execution or its result was no good; `overlap`: too many ran over the same data. */
export type SliceFailure = 'failure' | 'overlap';

/** An execution that was created and whose result has not been delivered. */
export interface InFlightExecution {
  readonly event_date: EventDate;
  readonly workflow_id: string;
  readonly execution_id: string;
  readonly create_time: string;
  /**
   * Who says so: the API of this execution, or the moment before we sent the create. `unknown` where
   * neither is known; absent in states of old, which guessed it.
   */
  readonly dated_by?: 'api' | 'create' | 'unknown' | undefined;
  readonly expire_time: string | null;
  /** Shape of the bundle that it is; absent where it is of one slice. */
  readonly bundle?: string | undefined;
}

/**
 * Whether bundles say of a stream what its own query says. `equal`: its own comparison was good, and
 * others of its data source are still to come; `empty`: there were no rows to compare; `overlap`: too
 * many ran over the same data. Until it is `open` or `good` again, the stream is asked for alone.
 */
export type BundleProof = (typeof BUNDLE_PROOFS)[number];
export const BUNDLE_PROOFS = ['open', 'equal', 'good', 'refused', 'empty', 'overlap'] as const;

/** What a bundle said of a slice that is asked for alone as well. */
export interface BundleAnswer {
  readonly event_date: EventDate;
  readonly execution_id: string;
  readonly row_count: number;
  /** As the ledger has them. */
  readonly sums: Readonly<Record<string, string | null>>;
  readonly suppressed_share: number | null;
}

/** What an account has shown of the bundles that a stream is asked for in. */
export interface BundleRecord {
  /** Tells apart what may be asked for together. */
  readonly shape: string;
  readonly proof: BundleProof;
  /** Since when, in API time. ISO 8601, UTC. */
  readonly at: string;
  /** The date that was compared; null while none was. */
  readonly event_date: EventDate | null;
  /** Why it was refused. */
  readonly reason?: string | undefined;
  readonly answer?: BundleAnswer | undefined;
}

/** Streams that the service took in one query at most, and since when that is known. */
export interface BundleLimit {
  readonly members: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * State of one stream and account; kept apart from all others. Every date from `since` on is wanted;
 * of earlier ones those that are open in the tail.
 */
export interface PartitionState {
  readonly fingerprint: string;
  /** Fingerprints that definitions had before, and those that the same definitions have now. */
  readonly renamed?: Readonly<Record<string, string>> | undefined;
  readonly since: EventDate;
  /** Every slice of [since, bookmark] is closed; null while none is. */
  readonly bookmark: EventDate | null;
  /** What else is closed: dates behind one that is open, and dates before `since`. */
  readonly closed?: readonly DateSpan[] | undefined;
  /** Open dates that have been touched. States of old have closed ones here as well. */
  readonly tail: Readonly<Record<EventDate, TailEntry>>;
  readonly in_flight: readonly InFlightExecution[];
  readonly bundle?: BundleRecord | undefined;
  readonly bundle_limit?: BundleLimit | undefined;
}

/** A partition of the Singer state, as Meltano's SDK lays it out. */
export interface StatePartition extends PartitionState {
  readonly context: { readonly account_id: string };
}

/** What a fingerprint that was written at whatever time is called now. */
export function currentFingerprint(
  fingerprint: string,
  partition: Pick<PartitionState, 'renamed'> | undefined,
): string {
  return partition?.renamed?.[fingerprint] ?? fingerprint;
}
