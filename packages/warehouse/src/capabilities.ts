import type { LeaseTimings } from './leases/lease-keeper.ts';
import type { NamingRules } from './tables/naming.ts';

/** What differs between warehouses, as data. */
export interface Capabilities {
  readonly names: NamingRules;
  /** Whether a stream's name may ask for a schema of the database. */
  readonly hasSchemas: boolean;
  /**
   * How many characters of ledger rows and states may wait for one transaction. Where a slice is a
   * transaction of its own, none: it is committed with its STATE.
   */
  readonly maxWaitingCharacters: number;
  /** Whether deliveries that come while others are under way are committed together. */
  readonly gathersDeliveries: boolean;
  readonly leases: {
    readonly timings: LeaseTimings;
    /** How often to look whether a lease that another holds has become free. */
    readonly pollMs: number;
  };
  /** The text that a field of a record stands for. */
  textOf(field: string): string;
}
