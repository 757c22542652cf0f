import { ROW_USER } from '../sql/scope.ts';
import type { Shape } from '../sql/scope.ts';
import type { SourceTables } from './source-columns.ts';

/** Tables behind the templated reports; queries of one's own cannot reach them. */
export const REPORT_TABLES = ['ivt_report', 'page_url_report'] as const;

export type ReportTable = (typeof REPORT_TABLES)[number];

/** Of every report; its file has the date before them. */
export const REPORT_DIMENSIONS = [
  'advertiser_id',
  'advertiser',
  'campaign_id',
  'campaign',
  'line_item_id',
  'line_item',
] as const;

/** Vendors of the invalid traffic report, and the metric of each. */
export const IVT_VENDORS = {
  AdLoox: 'AdLoox_invalid_impressions',
  IAS: 'IAS_invalid_impressions',
} as const;

export type IvtVendor = keyof typeof IVT_VENDORS;

/** Columns of a report in the order of its file, `filtered_reason` apart. */
export function reportColumns(table: ReportTable, vendors: readonly IvtVendor[]) {
  const dimensions = ['impression_date', ...REPORT_DIMENSIONS];
  if (table === 'page_url_report') {
    return { dimensions: [...dimensions, 'page_url'], metrics: ['impressions'] };
  }
  const invalid = vendors.map((vendor) => IVT_VENDORS[vendor]);
  return { dimensions, metrics: ['total_impressions_served', ...invalid] };
}

export function reportShape(table: ReportTable): Shape {
  const { dimensions, metrics } = reportColumns(table, ['AdLoox', 'IAS']);
  return {
    columns: [
      ...dimensions.map((name) => ({ name, metric: false, threshold: 'LOW' as const })),
      ...metrics.map((name) => ({ name, metric: true, threshold: 'NONE' as const })),
    ],
    users: 'one',
  };
}

/** All impressions, valid or not, with what the vendors say of them and when; and where they were. */
export function reportRowsSql(tables: SourceTables): string {
  return `SELECT make_timestamp_ms(CAST(i.event_ms AS BIGINT)) AS event_at,
      make_timestamp_ms(CAST(i.arrived_ms AS BIGINT)) AS arrived_at,
      u.user_id, hash(u.user_id) AS user_key,
      account.advertiser, CAST(account.advertiser_id AS VARCHAR) AS advertiser_id,
      p.campaign, CAST(p.campaign_id AS BIGINT) AS campaign_id,
      p.line_item, CAST(p.line_item_id AS BIGINT) AS line_item_id,
      lower(replace(s.supply_source, ' ', '-')) AS site, ${drawSql(1, 40)} AS page,
      ${invalidSql(2)} AS ias_invalid, ${vendorAtSql(3)} AS ias_at,
      ${invalidSql(5)} AS adloox_invalid, ${vendorAtSql(6)} AS adloox_at
    FROM ${tables.impressions} i JOIN ${tables.placements} p USING (placement_no)
      JOIN ${tables.supplySources} s USING (supply_no) JOIN ${tables.users} u USING (user_no)
      CROSS JOIN ${tables.account} account
    ORDER BY event_at`;
}

/** A number in [0, below) that is always the same for an impression. */
function drawSql(salt: number, below: number): string {
  return `hash(i.event_ms, i.user_no, ${salt}) % ${below}`;
}

function invalidSql(salt: number): string {
  return `(${drawSql(salt, 100)} < CASE WHEN i.invalid = 1 THEN 90 ELSE 1 END)`;
}

function vendorAtSql(salt: number): string {
  const delay = `CASE WHEN ${drawSql(salt, 100)} < 85 THEN ${drawSql(salt + 1, FOUR_DAYS_MS)} ELSE ${drawSql(salt + 1, MONTH_MS)} END`;
  return `make_timestamp_ms(CAST(i.event_ms AS BIGINT) + CAST(${delay} AS BIGINT))`;
}

/** Vendors answer within 96 hours mostly, and correct themselves for weeks. */
const FOUR_DAYS_MS = 96 * 3_600_000;
const MONTH_MS = 27 * 86_400_000;

/**
 * A report's rows as they are at $as_of. Page URLs arrive within 48 hours and can be had for 12
 * months, from 2025-02-14 on; the other report keeps to the times of events. API.md 1.4.
 */
export function reportViewSql(table: ReportTable, rows: string): string {
  const common = `CAST(event_at AS DATE) AS impression_date, ${REPORT_DIMENSIONS.join(', ')}, user_key AS ${ROW_USER}`;
  const window = 'event_at >= $window_start::TIMESTAMP AND event_at < $window_end::TIMESTAMP';
  if (table === 'page_url_report') {
    return `SELECT ${common}, 'https://' || site || '.example/articles/' || page AS page_url, 1 AS impressions
      FROM ${rows} WHERE ${window}
        AND least(arrived_at, event_at + INTERVAL 48 HOURS) <= $as_of::TIMESTAMP
        AND event_at >= $as_of::TIMESTAMP - INTERVAL 12 MONTHS AND event_at >= TIMESTAMP '2025-02-14'`;
  }
  return `SELECT ${common}, 1 AS total_impressions_served,
      ${vendorSql('ias')} AS ${IVT_VENDORS.IAS}, ${vendorSql('adloox')} AS ${IVT_VENDORS.AdLoox}
    FROM ${rows} WHERE ${window}
      AND arrived_at <= $as_of::TIMESTAMP AND arrived_at >= $retained_from::TIMESTAMP`;
}

function vendorSql(vendor: string): string {
  return `CAST(${vendor}_invalid AND ${vendor}_at <= $as_of::TIMESTAMP AS INTEGER)`;
}
