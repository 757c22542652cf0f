import type { Grain } from '@traffic-events/slice';

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

/** Columns of the view that are added, and others that are taken off. */
export interface Terms {
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
}

/**
 * A rate of a campaign. What it is said of decides how far the withheld rows can move it:
 * `beside` divides by what another source or metric counts (clicks by impressions), `among` by what
 * the numerator is counted in (viewable by measurable impressions), `share` by the numerator and
 * the rest together (invalid impressions by invalid and valid ones).
 */
export interface Rate {
  readonly of: 'beside' | 'among' | 'share';
  readonly numerator: string;
  readonly denominator: Terms;
}

/** A view of one kind of traffic: a row per account, date and campaign. */
export interface DailyView {
  readonly name: string;
  readonly description: string;
  /** The view of the same sources with a row per account and date. */
  readonly ofAccount: { readonly name: string; readonly description: string };
  readonly parts: readonly DailyPart[];
  /** Rates computed from the sums, by column. */
  readonly rates: Readonly<Record<string, Rate>>;
  /** Sums in millicents that are shown in the account's currency as well. */
  readonly costs: readonly string[];
}

/** What a view of days is made of: its sources, and the grains at which it may read them, finest first. */
export interface DailySources {
  readonly view: DailyView;
  readonly grains: readonly Grain[];
}

/** Columns of the view that a source fills, each once. */
export function metricsOf({ parts }: DailyView): string[] {
  return parts.flatMap((part) => Object.keys(part.metrics));
}

/** Tables that the view reads, each once. */
export function tablesOf({ parts }: DailyView): string[] {
  return [...new Set(parts.map(({ table }) => table))];
}
