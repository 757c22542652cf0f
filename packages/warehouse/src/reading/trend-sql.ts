import type { EventDate } from '@traffic-events/slice';
import { metricsOf, tablesOf } from '../views/daily-view.ts';
import type { DailyView } from '../views/daily-view.ts';
import type { ViewDialect } from '../views/view-dialect.ts';

/** What a trend is of: one account, or one campaign of it, in a range of dates, both ends included. */
export interface TrendRange {
  readonly accountId: string;
  readonly from: EventDate;
  readonly to: EventDate;
  /** Value of the view's `campaign_id` or, where it has none, `campaign`; all unless given. */
  readonly campaign?: string | undefined;
}

/** A date of a trend, every column as text: `m0`, `s0` of the first metric, `t0` of the first table. */
export type TrendTexts = Readonly<Record<string, string | null>> & { readonly event_date: string };

/** Sums by date of a daily view, beside them how much is withheld and how its slices stand. */
export function trendSql(dialect: ViewDialect, view: DailyView, range: TrendRange): string {
  const text = (expression: string) => `CAST(${expression} AS ${dialect.types.text})`;
  const columns = [
    `${text('event_date')} AS event_date`,
    'max(currency) AS currency',
    ...metricsOf(view).flatMap((metric, index) => [
      `${text(`sum(${metric})`)} AS m${index}`,
      `${text(`max(${metric}_suppressed_share)`)} AS s${index}`,
    ]),
    ...tablesOf(view).map((table, index) => `max(${table}_status) AS t${index}`),
  ];
  return `SELECT ${columns.join(',\n       ')}
  FROM ${dialect.qualified(view.name)} AS days
 WHERE ${rangeCondition(dialect, range)}${campaignCondition(dialect, view, range)}
 GROUP BY days.event_date
 ORDER BY days.event_date`;
}

/** A campaign of a range. */
export interface CampaignTexts {
  readonly campaign: string;
  readonly name: string | null;
  readonly main_sum: string | null;
}

/** The campaigns of a range with the most of the view's first metric. */
export function campaignsSql(
  dialect: ViewDialect,
  view: DailyView,
  range: TrendRange,
  limit: number,
): string {
  const text = (expression: string) => `CAST(${expression} AS ${dialect.types.text})`;
  const key = campaignKey(view);
  const [main = 'impressions'] = metricsOf(view);
  return `SELECT ${text(key)} AS campaign, max(campaign) AS name, ${text(`sum(${main})`)} AS main_sum
  FROM ${dialect.qualified(view.name)} AS days
 WHERE ${rangeCondition(dialect, range)} AND NOT is_suppressed AND ${key} IS NOT NULL
 GROUP BY ${key}
 ORDER BY coalesce(sum(${main}), 0) DESC, ${key}
 LIMIT ${limit}`;
}

function rangeCondition(dialect: ViewDialect, { accountId, from, to }: TrendRange): string {
  const [first, last] = [from, to].map((date) => `DATE ${dialect.literal(date)}`);
  return `days.event_date BETWEEN ${first} AND ${last} AND account_id = ${dialect.literal(accountId)}`;
}

function campaignCondition(
  dialect: ViewDialect,
  view: DailyView,
  { campaign }: TrendRange,
): string {
  if (campaign === undefined) return '';
  const key = `CAST(${campaignKey(view)} AS ${dialect.types.text})`;
  return ` AND NOT is_suppressed AND ${key} = ${dialect.literal(campaign)}`;
}

/** Where a source has ids of campaigns, the view has them. */
function campaignKey({ parts }: DailyView): string {
  return parts[0]?.campaignKey ?? 'campaign';
}
