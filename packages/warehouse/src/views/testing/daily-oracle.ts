import type { FixtureEntry, FixtureRow } from './view-fixture.ts';

type Tables = Readonly<Record<string, readonly FixtureRow[]>>;
type Cell = string | number | boolean | null;
type Sums = Readonly<Record<string, number | null>>;
type Slice = Pick<FixtureRow, 'account_id' | 'event_date'>;

/** A row of a daily view, numbers as numbers. */
export type DailyRow = Readonly<Record<string, Cell>>;

/** What one source says of a campaign. */
interface Said {
  readonly account_id: string;
  readonly event_date: string;
  readonly is_suppressed: boolean;
  readonly names: { readonly campaign: string | null; readonly campaign_id: number | null };
  readonly sums: Sums;
}

/** A source of a view, and what it says. */
interface Source {
  readonly table: string;
  readonly metrics: readonly string[];
  readonly said: readonly Said[];
}

/** The daily views as they should be, reckoned row by row from the tables, without their SQL. */
export function expectedDaily(
  tables: Tables,
  entries: readonly FixtureEntry[],
): Readonly<Record<string, DailyRow[]>> {
  const source = (
    table: string,
    key: 'campaign_id' | 'campaign',
    metrics: string,
    rows = tables[table] ?? [],
  ): Source => ({
    table,
    metrics: metrics.split(' '),
    said: sums(rows, key, metrics.split(' ')),
  });
  const chosen = (table: string) => oneDefinition(tables[table] ?? []);
  const measured = chosen('sponsored_ads_traffic').map((row) => ({
    ...row,
    measured_impressions: row['impressions'] ?? null,
  }));
  return {
    dsp_daily: beside(entries, 'measurable_impressions', [
      source('dsp_impressions', 'campaign_id', 'impressions impression_cost total_cost'),
      source('dsp_clicks', 'campaign_id', 'clicks'),
      source(
        'dsp_views',
        'campaign_id',
        'measurable_impressions viewable_impressions',
        chosen('dsp_views'),
      ),
      source('dsp_invalid_impressions', 'campaign_id', 'invalid_impressions'),
    ]),
    sponsored_ads_daily: beside(entries, 'measured_impressions', [
      source('sponsored_ads_traffic', 'campaign', 'impressions clicks'),
      source(
        'sponsored_ads_traffic',
        'campaign',
        'measured_impressions unmeasurable_viewable_impressions viewable_impressions',
        measured,
      ),
      source('sponsored_ads_invalid_traffic', 'campaign', 'invalid_impressions invalid_clicks'),
    ]),
    adserver_daily: beside(entries, 'measurable_impressions', [
      source('adserver_traffic', 'campaign_id', 'impressions clicks'),
      source('invalid_adserver_traffic', 'campaign_id', 'invalid_impressions invalid_clicks'),
    ]),
  };
}

/**
 * Of each account and date the rows of the definition that most rows have. A suppressed row without
 * a definition is of that one if all others are; else it withholds nobody knows how much.
 */
function oneDefinition(rows: readonly FixtureRow[]): FixtureRow[] {
  return rows.flatMap((row) => {
    const day = rows.filter((other) => isSameDay(row, other));
    const counts = Map.groupBy(day, (other) => other['view_definition'] ?? null);
    const [first] = [...counts]
      .filter(([definition]) => definition !== null)
      .sort(
        ([left, a], [right, b]) => b.length - a.length || (String(left) < String(right) ? -1 : 1),
      );
    const definition = row['view_definition'] ?? null;
    if (definition === (first?.[0] ?? null)) return [row];
    if (definition !== null || !row.filtered) return [];
    const told = day.filter((other) => !(other.filtered && other['view_definition'] === null));
    if (new Set(told.map((other) => other['view_definition'])).size === 1) return [row];
    const { account_id, event_date, filtered } = row;
    const blank = Object.fromEntries(Object.keys(row).map((name) => [name, null]));
    return [{ ...blank, account_id, event_date, filtered }];
  });
}

function sums(
  rows: readonly FixtureRow[],
  key: 'campaign_id' | 'campaign',
  metrics: readonly string[],
): Said[] {
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([row.account_id, row.event_date, row[key], row[key] === null && row.filtered]),
  );
  return [...groups.values()].map((group) => ({
    account_id: group[0]?.account_id ?? '',
    event_date: group[0]?.event_date ?? '',
    is_suppressed: group.some((row) => row.filtered && row[key] === null),
    names: {
      campaign: group.map((row) => row['campaign']).find((name) => name !== null) as string | null,
      campaign_id: (group[0]?.['campaign_id'] ?? null) as number | null,
    },
    sums: Object.fromEntries(metrics.map((metric) => [metric, total(group, metric)])),
  }));
}

/** Unknown if a suppressed row withholds it, or if no row has it. */
function total(rows: readonly FixtureRow[], metric: string): number | null {
  if (rows.some((row) => row.filtered && row[metric] === null)) return null;
  const cells = rows.flatMap((row) => (row[metric] === null ? [] : [Number(row[metric])]));
  return cells.length === 0 ? null : added(cells);
}

function added(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function beside(
  entries: readonly FixtureEntry[],
  measurable: string,
  sources: readonly Source[],
): DailyRow[] {
  const campaigns = Map.groupBy(
    sources.flatMap(({ said }) => said),
    ({ account_id, event_date, is_suppressed, names }) =>
      JSON.stringify([account_id, event_date, is_suppressed, names.campaign]),
  );
  return [...campaigns.values()].flatMap((campaign) => {
    const [first] = campaign;
    if (first === undefined) return [];
    const { account_id, event_date, is_suppressed, names } = first;
    const told = Object.assign({}, ...sources.map((source) => toldBy(source, first, entries)));
    return [
      {
        account_id,
        event_date,
        is_suppressed,
        marketplace: account_id.slice(0, 2),
        ...names,
        campaign_id:
          campaign.find((source) => source.names.campaign_id !== null)?.names.campaign_id ?? null,
        ...told,
        ...(is_suppressed ? { campaign: '(suppressed)' } : rates(told, measurable)),
      },
    ];
  });
}

/** What a source says of a campaign, of all that it withholds on the date, and how it stands. */
function toldBy(
  { table, metrics, said }: Source,
  row: Said,
  entries: readonly FixtureEntry[],
): DailyRow {
  const day = said.filter((other) => isSameDay(row, other));
  const own = day.find(
    (other) =>
      other.is_suppressed === row.is_suppressed && other.names.campaign === row.names.campaign,
  );
  const hidden = day.find(({ is_suppressed }) => is_suppressed);
  const standing = standingOf(table, row, entries);
  const isWhole = standing?.facts?.join() === 'true,true,false';
  const cells = metrics.flatMap((metric) => {
    const withheld = hidden === undefined ? (isWhole ? 0 : null) : (hidden.sums[metric] ?? null);
    const isNone = own === undefined && isWhole && withheld === 0;
    const all = day.map(({ sums: other }) => other[metric] ?? null);
    const whole = all.includes(null) ? 0 : added(all.map(Number));
    return [
      [metric, isNone ? 0 : (own?.sums[metric] ?? null)],
      [`${metric}_withheld`, withheld],
      [`${metric}_suppressed_share`, rate(withheld, whole)],
    ] as const;
  });
  return {
    ...Object.fromEntries(cells),
    [`${table}_status`]: standing?.status ?? null,
    [`${table}_is_whole`]: isWhole,
  };
}

function standingOf(table: string, row: Slice, entries: readonly FixtureEntry[]) {
  return entries
    .filter((entry) => entry.stream === table && isSameDay(entry, row))
    .filter(({ status }) => status !== 'kept_better' && status !== 'failed')
    .toSorted((one, other) => (one.recorded_at < other.recorded_at ? -1 : 1))
    .at(-1);
}

function rates(told: DailyRow, measurable: string): DailyRow {
  const known = (name: string) => (typeof told[name] === 'number' ? told[name] : null);
  const off = (name: string) => known(name) ?? 0;
  const of = (suffix: string) => ({
    impressions: known(`impressions${suffix}`),
    clicks: known(`clicks${suffix}`),
    viewable: known(`viewable_impressions${suffix}`),
    measurable: less(
      known(`${measurable}${suffix}`),
      measurable === 'measured_impressions' ? off(`unmeasurable_viewable_impressions${suffix}`) : 0,
    ),
    invalidImpressions: known(`invalid_impressions${suffix}`),
    invalidClicks: known(`invalid_clicks${suffix}`),
  });
  const [seen, hidden] = [of(''), of('_withheld')];
  return {
    ...bounded(
      'click_through_rate',
      'beside',
      [seen.clicks, seen.impressions],
      [hidden.clicks, hidden.impressions],
    ),
    ...bounded(
      'viewability',
      'among',
      [seen.viewable, seen.measurable],
      [hidden.viewable, hidden.measurable],
    ),
    ...bounded(
      'invalid_impression_rate',
      'share',
      [seen.invalidImpressions, seen.impressions],
      [hidden.invalidImpressions, hidden.impressions],
    ),
    ...bounded(
      'invalid_click_rate',
      'share',
      [seen.invalidClicks, seen.clicks],
      [hidden.invalidClicks, hidden.clicks],
    ),
  };
}

type Pair = readonly [counted: number | null, rest: number | null];

/** The least and the most of a rate: tried with none and all of what is withheld, on each side. */
function bounded(
  name: string,
  of: 'beside' | 'among' | 'share',
  seen: Pair,
  hidden: Pair,
): DailyRow {
  const [c, i] = seen;
  const [moreC, moreI] = hidden;
  if (c === null || i === null) return {};
  const rateOf = (counted: number, rest: number) =>
    rate(counted, of === 'share' ? counted + rest : rest);
  const told = rateOf(c, i);
  if (told === null || moreC === null || moreI === null) return { [name]: told };
  const least = of === 'among' ? i + moreI - moreC : i + moreI;
  const most = of === 'among' ? i + moreC : i;
  return {
    [name]: told,
    [`${name}_low`]: rateOf(c, least),
    [`${name}_high`]: rateOf(c + moreC, most),
  };
}

function less(value: number | null, by: number): number | null {
  return value === null ? null : value - by;
}

function rate(numerator: number | null, denominator: number | null) {
  if (numerator === null || denominator === null) return null;
  return denominator === 0 ? null : numerator / denominator;
}

function isSameDay(one: Slice, other: Slice): boolean {
  return one.account_id === other.account_id && one.event_date === other.event_date;
}
