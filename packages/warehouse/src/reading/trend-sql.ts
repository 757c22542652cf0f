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

/** A column of the view of campaigns, the same in each row of a date. */
const shareOf = (metric: string) => `${metric}_suppressed_share`;

/**
 * Sums by date, how its slices stand and at which grain it is read: of an account by the view of
 * accounts, of a campaign by that of campaigns, which says in both cases how much is withheld.
 */
export function trendSql(dialect: ViewDialect, view: DailyView, range: TrendRange): string {
  const text = (expression: string) => `CAST(${expression} AS ${dialect.types.text})`;
  const isOfAccount = range.campaign === undefined;
  const columns = [
    `${text('days.event_date')} AS event_date`,
    'max(days.currency) AS currency',
    'max(days.grain) AS grain',
    ...metricsOf(view).flatMap((metric, index) => [
      `${text(`sum(days.${metric})`)} AS m${index}`,
      `${text(`max(${isOfAccount ? `shares.s${index}` : `days.${shareOf(metric)}`})`)} AS s${index}`,
    ]),
    ...tablesOf(view).map((table, index) => `max(days.${table}_status) AS t${index}`),
  ];
  const from = isOfAccount
    ? `${dialect.qualified(view.ofAccount.name)} AS days
  LEFT JOIN (
${sharesSql(dialect, view, range)}) AS shares ON shares.event_date = days.event_date`
    : `${dialect.qualified(view.name)} AS days`;
  return `SELECT ${columns.join(',\n       ')}
  FROM ${from}
 WHERE ${rangeCondition(dialect, range)}${isOfAccount ? '' : campaignCondition(dialect, view, range)}
 GROUP BY days.event_date
 ORDER BY days.event_date`;
}

/** How much of an account's date cannot be told apart by campaign. */
function sharesSql(dialect: ViewDialect, view: DailyView, range: TrendRange): string {
  const shares = metricsOf(view).map(
    (metric, index) => `max(days.${shareOf(metric)}) AS s${index}`,
  );
  return `    SELECT days.event_date, ${shares.join(', ')}
      FROM ${dialect.qualified(view.name)} AS days
     WHERE ${rangeCondition(dialect, range)}
     GROUP BY days.event_date`;
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
  return `days.event_date BETWEEN ${first} AND ${last} AND days.account_id = ${dialect.literal(accountId)}`;
}

function campaignCondition(
  dialect: ViewDialect,
  view: DailyView,
  { campaign = '' }: TrendRange,
): string {
  const key = `CAST(${campaignKey(view)} AS ${dialect.types.text})`;
  return ` AND NOT is_suppressed AND ${key} = ${dialect.literal(campaign)}`;
}

/** Where a source has ids of campaigns, the view has them. */
function campaignKey({ parts }: DailyView): string {
  return parts[0]?.campaignKey ?? 'campaign';
}
