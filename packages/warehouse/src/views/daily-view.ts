/** What a daily view takes from one source: its sums by account, date and campaign. */
export interface DailyPart {
  readonly table: string;
  /** Column that tells campaigns apart: an id, or the name where the source has no id. */
  readonly campaignKey: 'campaign_id' | 'campaign';
  /** Columns of the view by the metric that fills them. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Only rows of the source's most measured definition of a view. */
  readonly isOneViewDefinition?: boolean;
}

/** A view of one kind of traffic: a row per account, date and campaign. */
export interface DailyView {
  readonly name: string;
  readonly description: string;
  readonly parts: readonly DailyPart[];
  /** Columns computed from the sums, by name. */
  readonly rates: Readonly<Record<string, string>>;
  /** Sums in millicents that are shown in the account's currency as well. */
  readonly costs: readonly string[];
}
