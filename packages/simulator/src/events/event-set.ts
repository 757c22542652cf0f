/** Where an ad was shown: the creative, and everything above it. */
export interface Placement {
  readonly campaign: string;
  readonly campaignId: string;
  readonly lineItem: string;
  readonly lineItemId: string;
  readonly creative: string;
  readonly creativeId: string;
  readonly creativeType: string;
  readonly adProductType: string;
  readonly adProductTypeCode: string;
}

/**
 * An impression and what followed from it. Instants are epoch milliseconds; costs are millicents;
 * `placement`, `supplySource` and `user` are positions in the lists of the set.
 */
export interface Impression {
  eventMs: number;
  arrivedMs: number;
  user: number;
  placement: number;
  supplySource: number;
  cost: number;
  totalCost: number;
  clickMs: number | null;
  clickArrivedMs: number | null;
  /** 0 not measurable, 1 measurable, 2 viewable. */
  viewability: number;
  /** Quarters of a video that were played; null where there is no video. */
  quarters: number | null;
  invalid: boolean;
}

/** An account's raw events, in batches so that the event loop can breathe between them. */
export interface EventSet {
  readonly advertiser: string;
  readonly placements: readonly Placement[];
  readonly supplySources: readonly string[];
  /** Text of `user`. */
  userId(user: number): string;
  batches(): Iterable<readonly Impression[]> | AsyncIterable<readonly Impression[]>;
}
