import type { ColumnType } from 'kysely';
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
  extracted_at: ColumnType<Date, never, never>;
}

/** Columns of the default streams: text, and whole numbers. */
export const SLICE_TABLES = {
  adserver_traffic: {
    text: ['ad_format', 'ad', 'advertiser', 'campaign'],
    whole: [
      'ad_id',
      'advertiser_id',
      'campaign_id',
      'impressions',
      'clicks',
      'measurable_impressions',
      'recordable_impressions',
      'video_played_100pc',
      'video_played_100pc_viewable',
      'video_played_25pc',
      'video_played_25pc_viewable',
      'video_played_50pc',
      'video_played_50pc_viewable',
      'video_played_75pc',
      'video_played_75pc_viewable',
      'viewable_impressions',
    ],
  },
  dsp_clicks: {
    text: [
      'advertiser',
      'campaign',
      'creative',
      'creative_type',
      'entity_id',
      'line_item',
      'supply_source',
    ],
    whole: ['advertiser_id', 'campaign_id', 'creative_id', 'line_item_id', 'clicks'],
  },
  dsp_impressions: {
    text: [
      'advertiser',
      'campaign',
      'creative',
      'creative_type',
      'entity_id',
      'line_item',
      'supply_source',
    ],
    whole: [
      'advertiser_id',
      'campaign_id',
      'creative_id',
      'line_item_id',
      'impressions',
      'impression_cost',
      'total_cost',
    ],
  },
  dsp_invalid_clicks: {
    text: ['advertiser', 'campaign', 'entity_id', 'line_item'],
    whole: ['advertiser_id', 'campaign_id', 'line_item_id', 'invalid_clicks'],
  },
  dsp_invalid_impressions: {
    text: ['advertiser', 'campaign', 'entity_id', 'line_item'],
    whole: ['advertiser_id', 'campaign_id', 'line_item_id', 'invalid_impressions'],
  },
  dsp_views: {
    text: [
      'advertiser',
      'campaign',
      'creative',
      'creative_type',
      'entity_id',
      'event_type',
      'line_item',
      'view_definition',
    ],
    whole: [
      'advertiser_id',
      'campaign_id',
      'creative_id',
      'line_item_id',
      'events',
      'measurable_impressions',
      'unmeasurable_viewable_impressions',
      'viewable_impressions',
    ],
  },
  sponsored_ads_invalid_traffic: {
    text: ['ad_group', 'ad_product_type', 'advertiser', 'campaign', 'entity_id', 'line_item'],
    whole: ['line_item_id', 'invalid_impressions', 'invalid_clicks'],
  },
  sponsored_ads_traffic: {
    text: [
      'ad_group',
      'ad_product_type',
      'ad_product_type_code',
      'advertiser',
      'campaign',
      'creative',
      'creative_type',
      'entity_id',
      'event_source',
      'line_item',
      'line_item_price_type',
      'view_definition',
    ],
    whole: [
      'advertiser_id_internal',
      'line_item_id',
      'marketplace_id',
      'impressions',
      'clicks',
      'unmeasurable_viewable_impressions',
      'viewable_impressions',
      'five_sec_views',
      'video_complete_views',
      'video_first_quartile_views',
      'video_midpoint_views',
      'video_third_quartile_views',
      'video_unmutes',
    ],
  },
} as const;

type Lists = typeof SLICE_TABLES;

type SliceTables = {
  [Table in keyof Lists]: SliceColumns &
    Record<Lists[Table]['text'][number], string | null> &
    Record<Lists[Table]['whole'][number], Digits>;
};

type CurrentViews = { [Table in keyof SliceTables as `${Table}_current`]: SliceTables[Table] };

/** Columns of every daily view. Rates are NULL where nothing can be said. */
interface DailyColumns {
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
  invalid_impressions_suppressed_share: Digits;
  invalid_click_rate: Digits;
  invalid_clicks_suppressed_share: Digits;
}

interface DspDailyView extends DailyColumns {
  /** Millicents. */
  impression_cost: Digits;
  /** Millicents. */
  total_cost: Digits;
  impression_cost_in_currency: Digits;
  total_cost_in_currency: Digits;
  measurable_impressions: Digits;
  view_definition: string | null;
}

interface SponsoredAdsDailyView extends DailyColumns {
  measured_impressions: Digits;
  unmeasurable_viewable_impressions: Digits;
  view_definition: string | null;
}

interface AdserverDailyView extends DailyColumns {
  measurable_impressions: Digits;
}

interface CoverageView {
  stream: string;
  account_id: string;
  event_date: string;
  status: 'settled' | 'open' | 'frozen' | 'partial' | 'missed' | 'absent';
  execution_id: string | null;
  create_time: Date | null;
  row_count: Digits;
  reason: string | null;
  /** From then on no complete copy can be had any more. */
  lost_at: Date;
}

interface AccountCurrenciesTable {
  account_id: string;
  currency: string;
}

/**
 * The warehouse for Kysely: `new Kysely<WarehouseDatabase>(…).withSchema('traffic_events')`. Streams
 * of one's own are added by intersection.
 */
export type WarehouseDatabase = SliceTables &
  CurrentViews &
  Pick<BookkeepingTables, 'extractions'> & {
    account_currencies: AccountCurrenciesTable;
    dsp_daily: DspDailyView;
    sponsored_ads_daily: SponsoredAdsDailyView;
    adserver_daily: AdserverDailyView;
    coverage: CoverageView;
  };
