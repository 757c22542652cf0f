import type { ColumnType, Grain, SliceStatus } from '@traffic-events/slice';
import type { ColumnType as KyselyColumn } from 'kysely';
import type { BookkeepingTables } from './warehouse-tables.ts';

/** bigint and numeric come as digits: a JavaScript number would not hold all of them. */
type Digits = string | null;

/** Columns of every slice table, see docs/tables.md. */
interface SliceColumns {
  account_id: string;
  marketplace: string;
  /** `YYYY-MM-DD`; Kysely's driver has to be told to leave dates text. */
  event_date: string;
  filtered: boolean;
  execution_id: string;
  row_number: string;
  extracted_at: KyselyColumn<Date, never, never>;
}

/** What a column of the API's type is read as. */
interface Values {
  STRING: string | null;
  LONG: Digits;
  INTEGER: Digits;
  DECIMAL: Digits;
  DOUBLE: Digits;
  BOOLEAN: boolean | null;
  DATE: string | null;
  TIMESTAMP: Date | null;
}

/** Columns of streams beside those of every slice table, by stream and name. */
type StreamColumns<Streams> = {
  readonly [Stream in keyof Streams]: Readonly<Record<keyof Streams[Stream], ColumnType>>;
};

type SliceTables<Streams extends StreamColumns<Streams>> = {
  [Stream in keyof Streams]: SliceColumns & {
    [Column in keyof Streams[Stream]]: Values[Streams[Stream][Column]];
  };
};

type CurrentViews<Tables> = {
  [Table in keyof Tables & string as `${Table}_current`]: Tables[Table];
};

type Rates =
  | 'click_through_rate'
  | 'viewability'
  | 'invalid_impression_rate'
  | 'invalid_click_rate';

/** The least and the most that each rate can be. */
type RateBounds = Record<`${Rates}_${'low' | 'high'}`, Digits>;

/** What is withheld of metrics on the account's date, and its share; NULL where it is unknown. */
type Withheld<Metric extends string> = Record<
  `${Metric}_${'withheld' | 'suppressed_share'}`,
  Digits
>;

/** How the slices of the view's tables stand. */
type Standings<Table extends string> = Record<`${Table}_status`, SliceStatus | null> &
  Record<`${Table}_is_whole`, boolean>;

type DailyMetric =
  | 'impressions'
  | 'clicks'
  | 'viewable_impressions'
  | 'invalid_impressions'
  | 'invalid_clicks';

/** Columns of every daily view. Rates are NULL where nothing can be said. */
interface DailyColumns extends RateBounds, Withheld<DailyMetric> {
  account_id: string;
  marketplace: string;
  event_date: string;
  campaign_id: Digits;
  /** `(suppressed)` in the row of the traffic whose campaign is withheld. */
  campaign: string | null;
  is_suppressed: boolean;
  impressions: Digits;
  clicks: Digits;
  viewable_impressions: Digits;
  invalid_impressions: Digits;
  invalid_clicks: Digits;
  /** Three letters, NULL where `account_currencies` has none for the account. */
  currency: string | null;
  click_through_rate: Digits;
  viewability: Digits;
  invalid_impression_rate: Digits;
  invalid_click_rate: Digits;
  /** At which the date is read. */
  grain: Exclude<Grain, 'account'>;
}

type DspTables =
  | 'dsp_impressions'
  | 'dsp_clicks'
  | 'dsp_views'
  | 'dsp_invalid_impressions'
  | 'dsp_invalid_clicks';

interface DspDailyView
  extends
    DailyColumns,
    Withheld<'impression_cost' | 'total_cost' | 'measurable_impressions'>,
    Standings<DspTables> {
  /** Millicents. */
  impression_cost: Digits;
  /** Millicents. */
  total_cost: Digits;
  impression_cost_in_currency: Digits;
  total_cost_in_currency: Digits;
  reporting_currency: string | null;
  exchange_rate: Digits;
  impression_cost_in_reporting_currency: Digits;
  total_cost_in_reporting_currency: Digits;
  measurable_impressions: Digits;
  view_definition: string | null;
}

interface SponsoredAdsDailyView
  extends
    DailyColumns,
    Withheld<'measured_impressions' | 'unmeasurable_viewable_impressions'>,
    Standings<'sponsored_ads_traffic' | 'sponsored_ads_invalid_traffic'> {
  measured_impressions: Digits;
  unmeasurable_viewable_impressions: Digits;
  view_definition: string | null;
}

interface AdserverDailyView
  extends
    DailyColumns,
    Withheld<'measurable_impressions'>,
    Standings<'adserver_traffic' | 'invalid_adserver_traffic'> {
  measurable_impressions: Digits;
}

/** What stands by campaign alone. */
type CampaignColumn =
  | 'campaign'
  | 'campaign_id'
  | 'is_suppressed'
  | 'grain'
  | `${string}_${'withheld' | 'suppressed_share' | 'low' | 'high'}`;

/** A daily view's columns by account: what the total has beyond campaigns is NULL where it is not known. */
type AccountView<Daily, Metric extends string> = Omit<Daily, CampaignColumn> &
  Record<`${Metric}_difference`, Digits> & { grain: Grain };

interface CoverageView {
  stream: string;
  account_id: string;
  event_date: string;
  status: SliceStatus | 'absent';
  execution_id: string | null;
  create_time: Date | null;
  row_count: Digits;
  reason: string | null;
  /** From then on no complete copy can be had any more. */
  lost_at: Date;
  /** Days until then, 0 when it has passed; NULL of what is closed. */
  days_left: Digits;
}

interface AccountCurrenciesTable {
  account_id: string;
  currency: string;
  reporting_currency: string | null;
}

interface ExchangeRatesTable {
  rate_date: string;
  from_currency: string;
  to_currency: string;
  rate: string;
  published_on: string;
}

/**
 * The warehouse for Kysely: `new Kysely<WarehouseDatabase<BuiltInColumns>>(…).withSchema('traffic_events')`,
 * with the columns that packages/source writes down of its streams. Streams of one's own are added by
 * intersection.
 */
export type WarehouseDatabase<Streams extends StreamColumns<Streams>> = SliceTables<Streams> &
  CurrentViews<SliceTables<Streams>> &
  Pick<BookkeepingTables, 'extractions' | 'definitions'> & {
    account_currencies: AccountCurrenciesTable;
    exchange_rates: ExchangeRatesTable;
    dsp_daily: DspDailyView;
    sponsored_ads_daily: SponsoredAdsDailyView;
    adserver_daily: AdserverDailyView;
    dsp_account_daily: AccountView<
      DspDailyView,
      DailyMetric | 'impression_cost' | 'total_cost' | 'measurable_impressions'
    >;
    sponsored_ads_account_daily: AccountView<
      SponsoredAdsDailyView,
      DailyMetric | 'measured_impressions' | 'unmeasurable_viewable_impressions'
    >;
    adserver_account_daily: AccountView<AdserverDailyView, DailyMetric | 'measurable_impressions'>;
    coverage: CoverageView;
  };
