import type { EventDate, PartitionState } from '@traffic-events/slice';

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
}
