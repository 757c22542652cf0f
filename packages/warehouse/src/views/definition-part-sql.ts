/** Rows of one view definition, still by definition; and what to select from them. */
interface DefinitionPart {
  readonly sql: string;
  /** Values by column, for a query that groups by account, date, suppression, campaign and standing. */
  readonly values: Readonly<Record<string, string>>;
}

const DAY = 'PARTITION BY account_id, event_date';

/**
 * Definitions judge the same events, so that only one of them may be counted: of each account and
 * date the one that judged most, which every grain of the date says alike. Rows whose definition is withheld are its own where every row
 * that tells one tells the same; else nobody knows whose they are, and they make what is withheld
 * of that date unknown. By windows and not by a join, so that a filter on the date reaches the
 * table.
 */
export function definitionPartSql(
  source: string,
  names: Readonly<Record<string, string>>,
  metrics: readonly (readonly [name: string, metric: string])[],
): DefinitionPart {
  const { account_id: _account, event_date: _date, is_standing: _standing, ...own } = names;
  const { is_suppressed: isSuppressed, campaign_key: campaignKey, ...labels } = own;
  const sums = metrics.flatMap(([name, metric]) => [
    `sum(${metric}) AS ${name}`,
    `count(CASE WHEN filtered AND ${metric} IS NULL THEN 1 END) AS ${blanks(name)}`,
  ]);
  const isUndefined = '(filtered AND view_definition IS NULL)';
  const grouped = `SELECT account_id, event_date, ${isSuppressed} AS is_suppressed, ${campaignKey} AS campaign_key,
               view_definition, ${isUndefined} AS is_undefined,
               ${[...Object.entries(labels).map(([name, value]) => `${value} AS ${name}`), ...sums].join(',\n               ')},
               count(*) AS table_rows,
               sum(coalesce(sum(${metrics[0]?.[1] ?? '0'}), 0)) OVER (${DAY}, view_definition) AS measured
          FROM ${source}
         GROUP BY 1, 2, 3, 4, 5, 6`;
  const ranked = `SELECT grouped.*,
               rank() OVER (${DAY} ORDER BY view_definition IS NULL, measured DESC, view_definition) AS place,
               ${onlyDefinition()} AS only_definition
          FROM (${grouped}) AS grouped`;
  return {
    sql: `SELECT ranked.*, (place > 1 AND only_definition IS NULL) AS is_anybodys
          FROM (${ranked}) AS ranked
         WHERE place = 1 OR is_undefined`,
    values: valuesOf(Object.keys(labels), metrics),
  };
}

/** The date's definition, where no row was judged by another or by none. */
function onlyDefinition(): string {
  const byNone = `max(CASE WHEN view_definition IS NULL AND NOT is_undefined THEN 1 ELSE 0 END) OVER (${DAY})`;
  const [first, last] = ['min', 'max'].map((end) => `${end}(view_definition) OVER (${DAY})`);
  return `CASE WHEN ${first} = ${last} AND ${byNone} = 0 THEN ${first} END`;
}

function valuesOf(
  labels: readonly string[],
  metrics: readonly (readonly [name: string, metric: string])[],
): Record<string, string> {
  return {
    account_id: 'account_id',
    event_date: 'event_date',
    is_suppressed: '(is_suppressed OR is_anybodys)',
    campaign_key: `CASE WHEN is_anybodys THEN '' ELSE campaign_key END`,
    is_standing: 'FALSE',
    ...Object.fromEntries(
      labels.map((name) => [
        name,
        name === 'marketplace' ? `max(${name})` : `max(CASE WHEN NOT is_anybodys THEN ${name} END)`,
      ]),
    ),
    ...Object.fromEntries(
      metrics.map(([name]) => [
        name,
        `CASE WHEN ${isUnknown(name)} THEN NULL ELSE sum(${name}) END`,
      ]),
    ),
    view_definition: 'max(coalesce(view_definition, only_definition))',
  };
}

function isUnknown(name: string): string {
  return `max(CASE WHEN is_anybodys OR ${blanks(name)} > 0 THEN 1 ELSE 0 END) = 1`;
}

function blanks(name: string): string {
  return `${name}_blanks`;
}
