import type { DataSource, DataSourceName } from '@traffic-events/client';

/**
 * A kind of rows of a data source, as SQL over an account's impressions (`i`), placements (`p`) and
 * supply sources (`s`).
 */
interface SourcePart {
  readonly eventMs: string;
  readonly arrivedMs: string;
  readonly where: string;
  /** Values of columns that are not named alike in COMMON_COLUMNS, by name. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Columns that mean the same wherever they occur. */
const COMMON_COLUMNS: Readonly<Record<string, string>> = {
  advertiser: 'account.advertiser',
  advertiser_id: 'account.advertiser_id',
  advertiser_id_internal: 'account.advertiser_id',
  entity_id: 'account.entity_id',
  marketplace_id: '4',
  campaign: 'p.campaign',
  campaign_id: 'p.campaign_id',
  line_item: 'p.line_item',
  line_item_id: 'p.line_item_id',
  line_item_price_type: "'CPC'",
  ad_group: 'p.line_item',
  creative: 'p.creative',
  creative_id: 'p.creative_id',
  creative_type: 'p.creative_type',
  ad: 'p.creative',
  ad_id: 'p.creative_id',
  ad_format: 'p.creative_type',
  ad_product_type: 'p.ad_product_type',
  ad_product_type_code: 'p.ad_product_type_code',
  supply_source: 's.supply_source',
  event_source: 's.supply_source',
  view_definition: "'MRC'",
};

const VIEWS = {
  measurable_impressions: 'i.viewability >= 1',
  recordable_impressions: 'TRUE',
  viewable_impressions: 'i.viewability = 2',
  unmeasurable_viewable_impressions: 'i.viewability = 0',
};

const SPONSORED_VIDEO = {
  five_sec_views: 'i.quarters >= 1',
  video_first_quartile_views: 'i.quarters >= 1',
  video_midpoint_views: 'i.quarters >= 2',
  video_third_quartile_views: 'i.quarters >= 3',
  video_complete_views: 'i.quarters >= 4',
  video_unmutes: 'i.quarters >= 4 AND i.user_no % 3 = 0',
};

const VALID = 'i.invalid = 0';
const INVALID = 'i.invalid = 1';
const impressionPart = (where: string, columns: Record<string, string>): SourcePart => ({
  eventMs: 'i.event_ms',
  arrivedMs: 'i.arrived_ms',
  where,
  columns,
});
const clickPart = (where: string, columns: Record<string, string>): SourcePart => ({
  eventMs: 'i.click_ms',
  arrivedMs: 'i.click_arrived_ms',
  where: `${where} AND i.click_ms IS NOT NULL`,
  columns,
});

/** Ad server tags are on every other creative, devices are one supply source in four. */
const AD_SERVER = 'i.placement_no % 2 = 0';
const DEVICES = 'i.supply_no % 4 = 2';

const SOURCE_PARTS: Readonly<Record<DataSourceName, readonly SourcePart[]>> = {
  dsp_impressions: [
    impressionPart(VALID, {
      impressions: '1',
      impression_cost: 'i.cost',
      total_cost: 'i.total_cost',
    }),
  ],
  dsp_clicks: [clickPart(VALID, { clicks: '1' })],
  dsp_views: [impressionPart(VALID, { events: '1', event_type: "'VIEW'", ...counts(VIEWS) })],
  dsp_invalid_impressions: [impressionPart(INVALID, { invalid_impressions: '1' })],
  dsp_invalid_clicks: [clickPart(INVALID, { invalid_clicks: '1' })],
  sponsored_ads_traffic: [
    impressionPart(VALID, { impressions: '1', ...counts(VIEWS), ...counts(SPONSORED_VIDEO) }),
    clickPart(VALID, { clicks: '1' }),
  ],
  sponsored_ads_invalid_traffic: [
    impressionPart(INVALID, { invalid_impressions: '1' }),
    clickPart(INVALID, { invalid_clicks: '1' }),
  ],
  adserver_traffic: [
    impressionPart(`${VALID} AND ${AD_SERVER}`, {
      impressions: '1',
      ...counts(VIEWS),
      ...counts(playedQuarters('')),
      video_percentage_complete: '25 * i.quarters',
    }),
    clickPart(`${VALID} AND ${AD_SERVER}`, { clicks: '1' }),
  ],
  invalid_adserver_traffic: [
    impressionPart(`${INVALID} AND ${AD_SERVER}`, {
      invalid_impressions: '1',
      ...counts(prefixed('invalid_', VIEWS)),
      ...counts(playedQuarters('invalid_')),
      invalid_video_percentage_complete: '25 * i.quarters',
    }),
    clickPart(`${INVALID} AND ${AD_SERVER}`, { invalid_clicks: '1' }),
  ],
  devices_traffic: [
    impressionPart(`${VALID} AND ${DEVICES}`, {
      impressions: '1',
      event_cost: 'i.cost',
      total_cost: 'i.total_cost',
      ...counts(VIEWS),
    }),
    clickPart(`${VALID} AND ${DEVICES}`, { clicks: '1' }),
  ],
};

const TIME_COLUMN = /^(?:event|impression|click)_(date|day|dt|dt_hour|hour)(_utc)?$/;
const SQL_TYPES = {
  STRING: 'VARCHAR',
  LONG: 'BIGINT',
  INTEGER: 'INTEGER',
  DOUBLE: 'DOUBLE',
} as const;

/** True for columns that follow from the instant of the event. */
export const isTimeColumn = (name: string): boolean => TIME_COLUMN.test(name);

/** SQL for a time column of the view over `event_at` (UTC) in the account's zone. */
export function timeColumnSql(name: string, timeZone: string): string {
  const [, unit = '', utc] = TIME_COLUMN.exec(name) ?? [];
  const local = `timezone('${timeZone}', timezone('UTC', event_at))`;
  const instant = utc !== undefined || timeZone === 'UTC' ? 'event_at' : local;
  switch (unit) {
    case 'date':
      return `CAST(${instant} AS DATE)`;
    case 'day':
      return `CAST(day(${instant}) AS INTEGER)`;
    case 'hour':
      return `CAST(hour(${instant}) AS INTEGER)`;
    case 'dt_hour':
      return `date_trunc('hour', ${instant})`;
    default:
      return instant;
  }
}

/** SELECT of a data source's rows: event_at, arrived_at, user_id, user_key and its own columns. */
export function sourceRowsSql(source: DataSource, tables: SourceTables): string {
  const parts = SOURCE_PARTS[source.name].map((part) => partSql(source, part, tables));
  return `${parts.join(' UNION ALL ')} ORDER BY event_at`;
}

/** Names of an account's tables in DuckDB. */
export interface SourceTables {
  readonly account: string;
  readonly impressions: string;
  readonly placements: string;
  readonly supplySources: string;
  readonly users: string;
}

function partSql(source: DataSource, part: SourcePart, tables: SourceTables): string {
  const own = source.columns
    .filter((column) => !isTimeColumn(column.name))
    .map((column) => {
      const zero = column.role === 'metric' ? '0' : 'NULL';
      const value = part.columns[column.name] ?? COMMON_COLUMNS[column.name] ?? zero;
      const type = SQL_TYPES[column.type as keyof typeof SQL_TYPES];
      return `CAST(${value} AS ${type}) AS ${column.name}`;
    });
  return `SELECT make_timestamp_ms(CAST(${part.eventMs} AS BIGINT)) AS event_at,
      make_timestamp_ms(CAST(${part.arrivedMs} AS BIGINT)) AS arrived_at,
      u.user_id, hash(u.user_id) AS user_key, ${own.join(', ')}
    FROM ${tables.impressions} i JOIN ${tables.placements} p USING (placement_no)
      JOIN ${tables.supplySources} s USING (supply_no) JOIN ${tables.users} u USING (user_no)
      CROSS JOIN ${tables.account} account
    WHERE ${part.where}`;
}

/** Metrics that count the rows for which a condition holds. */
function counts(conditions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(conditions).map(([name, condition]) => [name, `coalesce(${condition}, FALSE)`]),
  );
}

function prefixed(prefix: string, conditions: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(conditions).map(([name, condition]) => [`${prefix}${name}`, condition]),
  );
}

function playedQuarters(prefix: string): Record<string, string> {
  return Object.fromEntries(
    [1, 2, 3, 4].flatMap((quarter) => {
      const name = `${prefix}video_played_${quarter * 25}pc`;
      const played = `i.quarters >= ${quarter}`;
      return [
        [name, played],
        [`${name}_viewable`, `${played} AND i.viewability = 2`],
      ];
    }),
  );
}
