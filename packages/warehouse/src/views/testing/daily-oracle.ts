import type { FixtureRow } from './view-fixture.ts';

type Tables = Readonly<Record<string, readonly FixtureRow[]>>;
type Sums = Readonly<Record<string, number | null>>;
type Slice = Pick<FixtureRow, 'account_id' | 'event_date'>;

/** A row of a daily view, numbers as numbers. */
export type DailyRow = Readonly<Record<string, string | number | boolean | null>>;

/** What one source says of a campaign. */
interface Said {
  readonly account_id: string;
  readonly event_date: string;
  readonly is_suppressed: boolean;
  readonly names: { readonly campaign: string | null; readonly campaign_id: number | null };
  readonly sums: Sums;
}

/** The daily views as they should be, reckoned row by row from the tables, without their SQL. */
export function expectedDaily(tables: Tables): Readonly<Record<string, DailyRow[]>> {
  const say = (table: string, key: 'campaign_id' | 'campaign', metrics: string) =>
    sums(tables[table] ?? [], key, metrics.split(' '));
  const sponsored = tables['sponsored_ads_traffic'] ?? [];
  const chosen = (table: string) => oneDefinition(tables[table] ?? []);
  return {
    dsp_daily: beside(
      [
        say('dsp_impressions', 'campaign_id', 'impressions impression_cost total_cost'),
        say('dsp_clicks', 'campaign_id', 'clicks'),
        sums(chosen('dsp_views'), 'campaign_id', [
          'measurable_impressions',
          'viewable_impressions',
        ]),
        say('dsp_invalid_impressions', 'campaign_id', 'invalid_impressions'),
      ],
      (row) => rate(row['viewable_impressions'], row['measurable_impressions']),
    ),
    sponsored_ads_daily: beside(
      [
        sums(sponsored, 'campaign', ['impressions', 'clicks']),
        sums(
          chosen('sponsored_ads_traffic').map((row) => ({
            ...row,
            measured_impressions: row['impressions'] ?? null,
          })),
          'campaign',
          ['measured_impressions', 'unmeasurable_viewable_impressions', 'viewable_impressions'],
        ),
        say('sponsored_ads_invalid_traffic', 'campaign', 'invalid_impressions invalid_clicks'),
      ],
      ({ measured_impressions: all = null, unmeasurable_viewable_impressions: not, ...row }) =>
        rate(row['viewable_impressions'], all === null ? null : all - (not ?? 0)),
    ),
    adserver_daily: beside(
      [
        say('adserver_traffic', 'campaign_id', 'impressions clicks'),
        say('invalid_adserver_traffic', 'campaign_id', 'invalid_impressions invalid_clicks'),
      ],
      () => null,
    ),
  };
}

/** Of each account and date only the rows of the definition that most rows have. */
function oneDefinition(rows: readonly FixtureRow[]): FixtureRow[] {
  return rows.filter((row) => {
    const named = rows.filter(
      (other) => isSameDay(row, other) && other['view_definition'] !== null,
    );
    const counts = Map.groupBy(named, (other) => String(other['view_definition']));
    const [first] = [...counts].sort(
      ([left, a], [right, b]) => b.length - a.length || (left < right ? -1 : 1),
    );
    return row['view_definition'] === (first?.[0] ?? null);
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
  sources: readonly (readonly Said[])[],
  viewability: (sums: Sums) => number | null,
): DailyRow[] {
  const said = sources.flat();
  const campaigns = Map.groupBy(said, ({ account_id, event_date, is_suppressed, names }) =>
    JSON.stringify([account_id, event_date, is_suppressed, names.campaign]),
  );
  return [...campaigns.values()].flatMap((campaign) => {
    const [first] = campaign;
    if (first === undefined) return [];
    const all: Sums = Object.assign({}, ...campaign.map(({ sums: own }) => own));
    const day = said.filter((other) => isSameDay(first, other));
    const { account_id, event_date, is_suppressed, names } = first;
    return [
      {
        account_id,
        event_date,
        is_suppressed,
        marketplace: account_id.slice(0, 2),
        ...names,
        campaign_id:
          campaign.find((source) => source.names.campaign_id !== null)?.names.campaign_id ?? null,
        ...(is_suppressed ? { campaign: '(suppressed)' } : rates(all, viewability)),
        ...all,
        invalid_impressions_suppressed_share: suppressedShare(day, 'invalid_impressions'),
        invalid_clicks_suppressed_share: suppressedShare(day, 'invalid_clicks'),
      },
    ];
  });
}

function rates(all: Sums, viewability: (sums: Sums) => number | null): DailyRow {
  return {
    click_through_rate: rate(all['clicks'], all['impressions']),
    viewability: viewability(all),
    invalid_impression_rate: rate(all['invalid_impressions'], all['impressions']),
    invalid_click_rate: rate(all['invalid_clicks'], all['clicks']),
  };
}

function suppressedShare(day: readonly Said[], metric: string): number | null {
  const known = (rows: readonly Said[]) =>
    rows.flatMap((row) => (typeof row.sums[metric] === 'number' ? [row.sums[metric]] : []));
  const suppressed = known(day.filter(({ is_suppressed }) => is_suppressed));
  if (suppressed.length === 0) return null;
  return rate(added(suppressed), added(known(day)));
}

function rate(numerator: number | null | undefined, denominator: number | null | undefined) {
  if (typeof numerator !== 'number' || typeof denominator !== 'number') return null;
  return denominator === 0 ? null : numerator / denominator;
}

function isSameDay(one: Slice, other: Slice): boolean {
  return one.account_id === other.account_id && one.event_date === other.event_date;
}
