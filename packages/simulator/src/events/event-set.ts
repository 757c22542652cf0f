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

/** Texts of `user`: in a list, or made of a prefix and a hash. */
export type UserIds =
  | { readonly kind: 'listed'; readonly ids: readonly string[] }
  | { readonly kind: 'hashed'; readonly prefix: string };

/** An account's raw events, in batches so that the event loop can breathe between them. */
export interface EventSet {
  readonly advertiser: string;
  readonly placements: readonly Placement[];
  readonly supplySources: readonly string[];
  readonly users: UserIds;
  batches(): Iterable<readonly Impression[]>;
}
