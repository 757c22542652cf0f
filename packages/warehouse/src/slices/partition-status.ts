import type { EventDate, PartitionState } from '@traffic-events/slice';

/** An execution of a slice that failed, as the ledger has it. */
export interface SliceFailureReason {
  readonly event_date: EventDate;
  readonly reason: string | null;
}

/** What the warehouse knows of one stream and account that `sync` has loaded. */
export interface PartitionStatus {
  readonly stream: string;
  readonly accountId: string;
  readonly state: PartitionState;
  /** The run that saved the state last. */
  readonly runId: string;
  /** API time. */
  readonly savedAt: Date;
  /** Dates that closed without any copy, earliest first. */
  readonly missedDates: readonly EventDate[];
  /** What the service said of each failed execution, the newest last. */
  readonly failures: readonly SliceFailureReason[];
}
