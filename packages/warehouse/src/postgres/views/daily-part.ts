import { qualified, quote } from '../identifiers.ts';

/** Columns of the tables that exist, by table. */
export type KnownColumns = ReadonlyMap<string, ReadonlySet<string>>;

/** What a daily view takes from one source: its sums by account, date and campaign. */
export interface DailyPart {
  /** Name inside the view. */
  readonly alias: string;
  readonly table: string;
  /** Column that tells campaigns apart: an id, or the name where the source has no id. */
  readonly campaignKey: 'campaign_id' | 'campaign';
  /** Columns of the view by the metric that fills them. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Only rows of the source's most measured definition of a view. */
  readonly isOneViewDefinition?: boolean;
}

export const KEY_COLUMNS = ['account_id', 'event_date', 'is_suppressed', 'campaign_key'] as const;

/** Rows that were suppressed so far that their campaign is gone. */
const IS_SUPPRESSED = (key: string) => `(filtered AND ${quote(key)} IS NULL)`;

/** The sums of a source, or none where its table is not there: a view has the same columns always. */
export function partSql(schema: string, part: DailyPart, known: KnownColumns): string {
  const columns = known.get(part.table);
  if (columns === undefined) return emptyPart(part);
  const metrics = Object.entries(part.metrics).map(
    ([name, metric]) =>
      `${columns.has(metric) ? sumOf(metric) : 'NULL::numeric'} AS ${quote(name)}`,
  );
  const has = (column: string) => columns.has(column);
  const keyed = has(part.campaignKey) ? part.campaignKey : undefined;
  const suppressed = keyed === undefined ? 'filtered' : IS_SUPPRESSED(keyed);
  return `
    SELECT account_id, event_date, ${suppressed} AS is_suppressed,
           ${keyed === undefined ? "''" : `coalesce(${quote(keyed)}::text, '')`} AS campaign_key,
           max(marketplace) AS marketplace,
           ${has('campaign_id') ? 'max(campaign_id)' : 'NULL::bigint'} AS campaign_id,
           ${has('campaign') ? 'max(campaign)' : 'NULL::text'} AS campaign,
           ${definitionColumn(part, has)} AS view_definition,
           ${metrics.join(',\n           ')}
      FROM ${qualified(schema, part.table)} AS source
     ${definitionFilter(schema, part, has)}
     GROUP BY 1, 2, 3, 4`;
}

function emptyPart(part: DailyPart): string {
  const metrics = Object.keys(part.metrics).map((name) => `NULL::numeric AS ${quote(name)}`);
  return `
    SELECT NULL::text AS account_id, NULL::date AS event_date, NULL::boolean AS is_suppressed,
           NULL::text AS campaign_key, NULL::text AS marketplace, NULL::bigint AS campaign_id,
           NULL::text AS campaign, NULL::text AS view_definition, ${metrics.join(', ')}
     WHERE false`;
}

/** A suppressed row without the metric makes the sum unknown: NULL, never less than it is. */
function sumOf(metric: string): string {
  const column = quote(metric);
  return `CASE WHEN bool_or(filtered AND ${column} IS NULL) THEN NULL ELSE sum(${column}) END::numeric`;
}

function definitionColumn(part: DailyPart, has: (column: string) => boolean): string {
  const isNamed = part.isOneViewDefinition === true && has('view_definition');
  return isNamed ? 'max(view_definition)' : 'NULL::text';
}

/** Definitions judge the same events, so that only one of them may be counted. */
function definitionFilter(
  schema: string,
  part: DailyPart,
  has: (column: string) => boolean,
): string {
  if (part.isOneViewDefinition !== true || !has('view_definition')) return '';
  return `WHERE view_definition IS NOT DISTINCT FROM (
              SELECT chosen.view_definition FROM ${qualified(schema, part.table)} AS chosen
               WHERE chosen.account_id = source.account_id AND chosen.event_date = source.event_date
                 AND chosen.view_definition IS NOT NULL
               GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)`;
}
