import { tableOfGrain } from '@traffic-events/slice';
import type { Grain } from '@traffic-events/slice';
import { grainsOf, isSameDay, isWholeEntry, standingOf, tableAt } from './grain-oracle.ts';
import type { GrainOf } from './grain-oracle.ts';
import type { FixtureEntry, FixtureRow } from './view-fixture.ts';

type Tables = Readonly<Record<string, readonly FixtureRow[]>>;
type Cell = string | number | boolean | null;
type Sums = Readonly<Record<string, number | null>>;

/** A row of a daily view, numbers as numbers. */
export type DailyRow = Readonly<Record<string, Cell>>;

/** What one source says of a campaign. */
export interface Said {
  readonly account_id: string;
  readonly event_date: string;
  readonly is_suppressed: boolean;
  readonly names: { readonly campaign: string | null; readonly campaign_id: number | null };
  readonly sums: Sums;
  /** The view definition that judged it. */
  readonly definition: string | null;
}

/** A source of a view, and what it says at each grain. */
export interface Source {
  readonly table: string;
  readonly metrics: readonly string[];
  /** Whether it is of one view definition. */
  readonly isOfDefinition: boolean;
  readonly said: (grain: Grain) => readonly Said[];
  /** Whether the table of the grain has the metric. */
  readonly has: (grain: Grain, metric: string) => boolean;
}

export interface ViewSources {
  readonly measurable: string;
  readonly sources: readonly Source[];
}

/** What the views of days are made of. */
export function viewSources(
  tables: Tables,
): Readonly<Record<'dsp' | 'sponsored_ads' | 'adserver', ViewSources>> {
  const source = (
    table: string,
    key: 'campaign_id' | 'campaign',
    metrics: string,
    chosen?: (name: string) => readonly FixtureRow[],
  ): Source => ({
    table,
    metrics: metrics.split(' '),
    isOfDefinition: chosen !== undefined,
    said: (grain) => {
      const name = tableOfGrain(table, grain);
      return sums(chosen?.(name) ?? tables[name] ?? [], key, metrics.split(' '));
    },
    has: (grain, metric) =>
      (tables[tableOfGrain(table, grain)] ?? []).some((row) =>
        Object.hasOwn(row, metric === 'measured_impressions' ? 'impressions' : metric),
      ),
  });
  const views = (name: string) => oneDefinition(tables[name] ?? [], 'measurable_impressions');
  const measured = (name: string) =>
    oneDefinition(tables[name] ?? [], 'impressions').map((row) => ({
      ...row,
      measured_impressions: row['impressions'] ?? null,
    }));
  return {
    dsp: {
      measurable: 'measurable_impressions',
      sources: [
        source('dsp_impressions', 'campaign_id', 'impressions impression_cost total_cost'),
        source('dsp_clicks', 'campaign_id', 'clicks'),
        source('dsp_views', 'campaign_id', 'measurable_impressions viewable_impressions', views),
        source('dsp_invalid_impressions', 'campaign_id', 'invalid_impressions'),
      ],
    },
    sponsored_ads: {
      measurable: 'measured_impressions',
      sources: [
        source('sponsored_ads_traffic', 'campaign', 'impressions clicks'),
        source(
          'sponsored_ads_traffic',
          'campaign',
          'measured_impressions unmeasurable_viewable_impressions viewable_impressions',
          measured,
        ),
        source('sponsored_ads_invalid_traffic', 'campaign', 'invalid_impressions invalid_clicks'),
      ],
    },
    adserver: {
      measurable: 'measurable_impressions',
      sources: [
        source('adserver_traffic', 'campaign_id', 'impressions clicks'),
        source('invalid_adserver_traffic', 'campaign_id', 'invalid_impressions invalid_clicks'),
      ],
    },
  };
}

/** The daily views as they should be, reckoned row by row from the tables, without their SQL. */
export function expectedDaily(
  tables: Tables,
  entries: readonly FixtureEntry[],
): Readonly<Record<string, DailyRow[]>> {
  return Object.fromEntries(
    Object.entries(viewSources(tables)).map(([name, { measurable, sources }]) => [
      `${name}_daily`,
      beside(
        entries,
        measurable,
        sources,
        grainsOf(tables, entries, sources, ['fine', 'campaign']),
      ),
    ]),
  );
}

/**
 * Of each account and date the rows of the definition that judged most. A suppressed row without
 * a definition is of that one if all others are; else it withholds nobody knows how much.
 */
function oneDefinition(rows: readonly FixtureRow[], counted: string): FixtureRow[] {
  return rows.flatMap((row) => {
    const day = rows.filter((other) => isSameDay(row, other));
    const counts = Map.groupBy(day, (other) => other['view_definition'] ?? null);
    const [first] = [...counts]
      .filter(([definition]) => definition !== null)
      .sort(
        ([left, a], [right, b]) =>
          judged(b, counted) - judged(a, counted) || (String(left) < String(right) ? -1 : 1),
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

function judged(rows: readonly FixtureRow[], counted: string): number {
  return added(rows.map((row) => Number(row[counted] ?? 0)));
}

function sums(
  rows: readonly FixtureRow[],
  key: 'campaign_id' | 'campaign',
  metrics: readonly string[],
): Said[] {
  const nameOf = (row: FixtureRow) => row[key] ?? null;
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([
      row.account_id,
      row.event_date,
      nameOf(row),
      nameOf(row) === null && row.filtered,
    ]),
  );
  return [...groups.values()].map((group) => ({
    account_id: group[0]?.account_id ?? '',
    event_date: group[0]?.event_date ?? '',
    is_suppressed: group.some((row) => row.filtered && nameOf(row) === null),
    names: {
      campaign: textOf(group, 'campaign'),
      campaign_id: (group[0]?.['campaign_id'] ?? null) as number | null,
    },
    sums: Object.fromEntries(metrics.map((metric) => [metric, total(group, metric)])),
    definition: textOf(group, 'view_definition'),
  }));
}

function textOf(rows: readonly FixtureRow[], name: string): string | null {
  const cell = rows.map((row) => row[name] ?? null).find((value) => value !== null);
  return typeof cell === 'string' ? cell : null;
}

/** Unknown if a suppressed row withholds it, or if no row has it. */
function total(rows: readonly FixtureRow[], metric: string): number | null {
  const cellOf = (row: FixtureRow) => row[metric] ?? null;
  if (rows.some((row) => row.filtered && cellOf(row) === null)) return null;
  const cells = rows.flatMap((row) => (cellOf(row) === null ? [] : [Number(cellOf(row))]));
  return cells.length === 0 ? null : added(cells);
}

function added(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function beside(
  entries: readonly FixtureEntry[],
  measurable: string,
  sources: readonly Source[],
  grainOf: GrainOf,
): DailyRow[] {
  const read = (['fine', 'campaign'] as const).flatMap((grain) =>
    sources.flatMap(({ said }) => said(grain).filter((row) => grainOf(row) === grain)),
  );
  const campaigns = Map.groupBy(read, ({ account_id, event_date, is_suppressed, names }) =>
    JSON.stringify([account_id, event_date, is_suppressed, names.campaign]),
  );
  return [...campaigns.values()].flatMap((campaign) => {
    const [first] = campaign;
    if (first === undefined) return [];
    const { account_id, event_date, is_suppressed, names } = first;
    const told = Object.assign(
      {},
      ...sources.map((source) => toldBy(source, first, entries, grainOf(first))),
    );
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
        grain: grainOf(first),
        ...(is_suppressed ? { campaign: '(suppressed)' } : rates(told, measurable)),
      },
    ];
  });
}

/** What a source says of a campaign, of all that it withholds on the date, and how it stands. */
function toldBy(
  { table, metrics, said, has }: Source,
  row: Said,
  entries: readonly FixtureEntry[],
  grain: Grain,
): DailyRow {
  const day = said(grain).filter((other) => isSameDay(row, other));
  const own = day.find(
    (other) =>
      other.is_suppressed === row.is_suppressed && other.names.campaign === row.names.campaign,
  );
  const hidden = day.find(({ is_suppressed }) => is_suppressed);
  const standing = standingOf(tableAt(table, grain, entries), row, entries);
  const isWhole = isWholeEntry(standing);
  const cells = metrics.flatMap((metric) => {
    const none = isWhole && has(grain, metric) ? 0 : null;
    const withheld = hidden === undefined ? none : (hidden.sums[metric] ?? null);
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
