import { clockFromEnvironment } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import type { ExchangeRate } from '../exchange-rate.ts';
import { expectedAccounts } from './account-oracle.ts';
import { expectedDaily } from './daily-oracle.ts';
import {
  fixtureEntries,
  fixtureRows,
  OFFSET_ACCOUNT,
  GRAIN_ACCOUNT,
  ONE_DEFINITION_ACCOUNT,
  VIEW_ACCOUNT,
  VIEW_DATE,
} from './view-fixture.ts';

type Row = Readonly<Record<string, unknown>>;
type Cell = string | number | boolean | null;

/** A query over the views and the rows that it answers in every warehouse. */
export interface ViewCase {
  readonly name: string;
  /** `qualified` names a table or view as the warehouse's queries do. */
  readonly sql: (qualified: (table: string) => string) => string;
  readonly rows: readonly Row[];
  /** Set where a zone is an offset that the query reckons: the emulator of BigQuery takes literals alone. */
  readonly isOfOffset?: true;
}

/** Currencies that the views are made with. */
export const VIEW_CURRENCIES = { 'DE:dsp:7': 'EUR', 'US:dsp:9': 'USD' } as const;

/** Of the other date there is none. The first is overwritten by the second. */
export const VIEW_RATES: readonly ExchangeRate[][] = ['9.99', '1.25'].map((rate) => [
  { date: VIEW_DATE, from: 'EUR', to: 'USD', rate, publishedOn: '2026-01-02' },
]);

/** What the views tell the time by: an hour at which it is tomorrow already in Berlin. */
export const VIEW_CLOCK: Clock = clockFromEnvironment({
  TRAFFIC_EVENTS_NOW: '2026-04-02T22:30:00Z',
});

const told = (columns: string) => (qualified: (table: string) => string) =>
  `SELECT ${columns} FROM ${qualified('dsp_daily')} WHERE account_id = '${VIEW_ACCOUNT}' ORDER BY is_suppressed, campaign_id`;

const DAILY_COLUMNS: Readonly<Record<string, string>> = {
  dsp_daily:
    'impressions impression_cost total_cost clicks measurable_impressions viewable_impressions invalid_impressions invalid_clicks',
  sponsored_ads_daily:
    'impressions clicks measured_impressions unmeasurable_viewable_impressions viewable_impressions invalid_impressions invalid_clicks',
  adserver_daily:
    'impressions clicks measurable_impressions viewable_impressions invalid_impressions invalid_clicks',
};

const DAILY_TABLES: Readonly<Record<string, string>> = {
  dsp_daily: 'dsp_impressions dsp_clicks dsp_views dsp_invalid_impressions',
  sponsored_ads_daily: 'sponsored_ads_traffic sponsored_ads_invalid_traffic',
  adserver_daily: 'adserver_traffic invalid_adserver_traffic',
};

/** Every row of a daily view, beside what the tables say when they are reckoned without SQL. */
function reckoned(view: string): ViewCase {
  const metrics = (DAILY_COLUMNS[view] ?? '').split(' ');
  const rates = 'click_through_rate viewability invalid_impression_rate invalid_click_rate';
  const columns = [
    ...'account_id event_date marketplace is_suppressed campaign_id campaign grain'.split(' '),
    ...metrics,
    ...rates.split(' ').flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...metrics.flatMap((name) => [`${name}_withheld`, `${name}_suppressed_share`]),
    ...(DAILY_TABLES[view] ?? '')
      .split(' ')
      .flatMap((table) => [`${table}_status`, `${table}_is_whole`]),
  ];
  const rows = expectedDaily(fixtureRows(), fixtureEntries())[view] ?? [];
  return {
    name: `${view} is what the tables say, row by row`,
    sql: (qualified) => `SELECT ${columns.join(', ')} FROM ${qualified(view)}`,
    rows: rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))),
  };
}

/** Every row of a view of accounts, beside what the tables say. */
function reckonedAccounts(view: string): ViewCase {
  const daily = view.replace('_account', '');
  const metrics = (DAILY_COLUMNS[daily] ?? '').split(' ');
  const tables = (DAILY_TABLES[daily] ?? '').split(' ');
  const columns = [
    ...'account_id event_date grain'.split(' '),
    ...metrics.flatMap((name) => [name, `${name}_difference`]),
    ...tables.flatMap((table) => [`${table}_status`, `${table}_is_whole`]),
  ];
  const rows = expectedAccounts(fixtureRows(), fixtureEntries())[view] ?? [];
  return {
    name: `${view} is what the tables say, row by row`,
    sql: (qualified) => `SELECT ${columns.join(', ')} FROM ${qualified(view)}`,
    rows: rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))),
  };
}

const ofGrainAccount = (columns: string, view: string) => (qualified: (table: string) => string) =>
  `SELECT ${columns} FROM ${qualified(view)} WHERE account_id = '${GRAIN_ACCOUNT}'`;

export const VIEW_CASES: readonly ViewCase[] = [
  {
    name: 'sources stand side by side, each summed before, suppressed traffic in a row of its own',
    sql: told(
      'event_date, campaign_id, campaign, is_suppressed, impressions, clicks, invalid_impressions',
    ),
    rows: [
      ['1', 'One', false, 150, 3, 15] as const,
      ['2', 'Two', false, 80, null, null] as const,
      [null, '(suppressed)', true, 20, 2, 45] as const,
    ].map(([campaign_id, campaign, is_suppressed, impressions, clicks, invalid_impressions]) => ({
      event_date: VIEW_DATE,
      campaign_id,
      campaign,
      is_suppressed,
      impressions,
      clicks,
      invalid_impressions,
    })),
  },
  {
    name: 'rates are of one source beside another, and NULL where nothing can be said',
    sql: told(
      'click_through_rate, viewability, view_definition, invalid_impression_rate, invalid_impressions_suppressed_share',
    ),
    rows: [
      [0.02, 0.5, 'MRC', 0.090909] as const,
      [null, 0.5, 'MRC', null] as const,
      [null, null, null, null] as const,
    ].map(([click_through_rate, viewability, view_definition, invalid_impression_rate]) => ({
      click_through_rate,
      viewability,
      view_definition,
      invalid_impression_rate,
      invalid_impressions_suppressed_share: 0.75,
    })),
  },
  {
    name: 'cost is unknown where it was blanked, and in no currency where the account has none',
    sql: told('total_cost, currency, total_cost_in_currency'),
    rows: [300_000, 10, null].map((total_cost) => ({
      total_cost,
      currency: null,
      total_cost_in_currency: null,
    })),
  },
  {
    name: 'cost is in currency where the account has one',
    sql: (qualified) =>
      `SELECT DISTINCT account_id, currency, total_cost_in_currency = total_cost / 100000 AS is_converted
         FROM ${qualified('dsp_daily')} WHERE currency IS NOT NULL AND total_cost IS NOT NULL`,
    rows: [{ account_id: 'DE:dsp:7', currency: 'EUR', is_converted: true }],
  },
  {
    name: 'cost is in the currency of reports where there is a rate, and shows where there is none',
    sql: (qualified) =>
      `SELECT DISTINCT event_date, reporting_currency, exchange_rate,
              abs(total_cost_in_reporting_currency - total_cost / 100000 * exchange_rate) < 0.000001 AS is_converted
         FROM ${qualified('dsp_daily')} WHERE account_id = 'DE:dsp:7' AND total_cost IS NOT NULL`,
    rows: [
      {
        event_date: VIEW_DATE,
        reporting_currency: 'USD',
        exchange_rate: 1.25,
        is_converted: true,
      },
      {
        event_date: '2026-02-01',
        reporting_currency: 'USD',
        exchange_rate: null,
        is_converted: null,
      },
    ],
  },
  {
    name: 'a table that is not there leaves its columns, all NULL',
    sql: (qualified) =>
      `SELECT count(*) AS known FROM ${qualified('dsp_daily')}
        WHERE invalid_clicks IS NOT NULL OR invalid_clicks_withheld IS NOT NULL OR invalid_click_rate IS NOT NULL OR invalid_clicks_suppressed_share IS NOT NULL`,
    rows: [{ known: 0 }],
  },
  {
    name: 'coverage tells how each date stands and when it is lost, in the zone of the account',
    sql: (qualified) =>
      `SELECT event_date, status, lost_at FROM ${qualified('coverage')}
        WHERE stream = 'dsp_clicks' AND account_id = '${VIEW_ACCOUNT}'
          AND (event_date < DATE '2026-01-08' OR event_date = DATE '2026-03-28') ORDER BY 1`,
    rows: [
      { event_date: '2026-01-05', status: 'settled', lost_at: '2026-02-03T23:00:00.000Z' },
      { event_date: '2026-01-06', status: 'absent', lost_at: '2026-02-04T23:00:00.000Z' },
      { event_date: '2026-01-07', status: 'missed', lost_at: '2026-02-05T23:00:00.000Z' },
      // Thirty days are so many hours, also where clocks are changed on the way.
      { event_date: '2026-03-28', status: 'absent', lost_at: '2026-04-26T23:00:00.000Z' },
    ],
  },
  {
    name: 'coverage knows that the page report can be had for a year',
    sql: (qualified) =>
      `SELECT status, lost_at FROM ${qualified('coverage')}
        WHERE stream = 'page_url_report' AND event_date = DATE '2026-01-05'`,
    rows: [{ status: 'frozen', lost_at: '2027-01-05T00:00:00.000Z' }],
  },
  {
    name: 'coverage goes on to yesterday, in the zone of the account, when nothing is synced any more',
    sql: (qualified) =>
      `SELECT stream, account_id, max(event_date) AS last_date FROM ${qualified('coverage')}
        WHERE stream IN ('dsp_clicks', 'page_url_report') AND account_id <> '${OFFSET_ACCOUNT}'
        GROUP BY stream, account_id`,
    rows: [
      { stream: 'dsp_clicks', account_id: VIEW_ACCOUNT, last_date: '2026-04-02' },
      ...['DE:dsp:7', GRAIN_ACCOUNT].map((account_id) => ({
        stream: 'dsp_clicks',
        account_id,
        last_date: '2026-04-01',
      })),
      { stream: 'page_url_report', account_id: 'DE:dsp:7', last_date: '2026-04-01' },
    ],
  },
  {
    name: 'coverage goes on to yesterday in a zone that is an offset, and has its dates end by it',
    isOfOffset: true,
    sql: (qualified) =>
      `SELECT max(event_date) AS last_date, min(lost_at) AS first_lost_at FROM ${qualified('coverage')}
        WHERE stream = 'dsp_clicks' AND account_id = '${OFFSET_ACCOUNT}'`,
    rows: [{ last_date: '2026-04-02', first_lost_at: '2026-02-03T22:00:00.000Z' }],
  },
  {
    name: 'coverage tells how many days are left of what is open still, and none of what is closed',
    sql: (qualified) =>
      `SELECT event_date, days_left FROM ${qualified('coverage')} WHERE stream = 'dsp_clicks'
          AND account_id = '${VIEW_ACCOUNT}' AND (event_date < DATE '2026-01-07' OR event_date = DATE '2026-04-02')`,
    rows: [
      { event_date: '2026-01-05', days_left: null },
      { event_date: '2026-01-06', days_left: 0 },
      { event_date: '2026-04-02', days_left: 28.98 },
    ],
  },
  {
    name: 'rates say between which ends the true one lies, and what is withheld beside what is told',
    sql: told(
      'click_through_rate_low, click_through_rate_high, viewability_low, viewability_high, clicks_withheld, dsp_clicks_status, dsp_clicks_is_whole, dsp_impressions_status, dsp_impressions_is_whole',
    ),
    rows: [
      [0.017647, 0.033333, 0.5, 0.5] as const,
      [null, null, 0.5, 0.5] as const,
      [null, null, null, null] as const,
    ].map(
      ([click_through_rate_low, click_through_rate_high, viewability_low, viewability_high]) => ({
        click_through_rate_low,
        click_through_rate_high,
        viewability_low,
        viewability_high,
        clicks_withheld: 2,
        dsp_clicks_status: 'settled',
        dsp_clicks_is_whole: true,
        dsp_impressions_status: null,
        dsp_impressions_is_whole: false,
      }),
    ),
  },
  {
    name: 'rows whose definition is withheld are of the only one that the date has',
    sql: (qualified) =>
      `SELECT campaign, measurable_impressions, viewable_impressions, view_definition
         FROM ${qualified('dsp_daily')} WHERE account_id = '${ONE_DEFINITION_ACCOUNT}'`,
    rows: [['One', 80, 45] as const, ['(suppressed)', 10, 9] as const].map(
      ([campaign, measurable_impressions, viewable_impressions]) => ({
        campaign,
        measurable_impressions,
        viewable_impressions,
        view_definition: 'MRC',
      }),
    ),
  },
  {
    name: 'a *_current view has every row of its table',
    sql: (qualified) =>
      `SELECT account_id, count(*) AS held FROM ${qualified('dsp_clicks_current')}
        WHERE event_date = DATE '2026-01-05' AND account_id = '${VIEW_ACCOUNT}' GROUP BY account_id`,
    rows: [{ account_id: VIEW_ACCOUNT, held: 2 }],
  },
  {
    name: 'campaigns are read at the campaign grain where it is held, which withholds the fewest clicks',
    sql: ofGrainAccount(
      'campaign, grain, impressions, clicks, clicks_withheld, click_through_rate, click_through_rate_low, click_through_rate_high',
      'dsp_daily',
    ),
    rows: [
      ['One', 950, 4, 0.004211, 0.004, 0.009474] as const,
      ['(suppressed)', 50, 5, null, null, null] as const,
    ].map(([campaign, impressions, clicks, rate, low, high]) => ({
      campaign,
      grain: 'campaign',
      impressions,
      clicks,
      clicks_withheld: 5,
      click_through_rate: rate,
      click_through_rate_low: low,
      click_through_rate_high: high,
    })),
  },
  {
    name: 'totals are read at the account grain, beside campaigns only where both are of one execution',
    sql: ofGrainAccount(
      'grain, impressions, impressions_difference, clicks, clicks_difference, click_through_rate',
      'dsp_account_daily',
    ),
    rows: [
      {
        grain: 'account',
        impressions: 1000,
        impressions_difference: null,
        clicks: 10,
        clicks_difference: 1,
        click_through_rate: 0.01,
      },
    ],
  },
  {
    name: 'the views of a date have one grain, and each of them is read on some',
    sql: (qualified) =>
      `SELECT max(grains) AS most, count(DISTINCT grain) AS kinds FROM (
         SELECT min(grain) AS grain, count(DISTINCT grain) AS grains FROM ${qualified('dsp_daily')}
          WHERE account_id <> '${GRAIN_ACCOUNT}' GROUP BY account_id, event_date) AS days`,
    rows: [{ most: 1, kinds: 2 }],
  },
  ...Object.keys(DAILY_COLUMNS).map(reckoned),
  ...Object.keys(DAILY_COLUMNS).map((view) =>
    reckonedAccounts(view.replace('_daily', '_account_daily')),
  ),
];

/** Rows as every driver can give them: numbers as numbers, dates and instants as text, in one order. */
export function comparable(rows: readonly Row[]): Row[] {
  const plain = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainCell(value)])),
  );
  return plain.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

/** Drivers wrap exact numbers and dates; six digits of a rate tell it from any other here. */
function plainCell(value: unknown): unknown {
  const written = JSON.parse(JSON.stringify(value)) as Cell | { readonly value: Cell };
  const cell = typeof written === 'object' && written !== null ? written.value : written;
  if (cell === null || typeof cell === 'boolean') return cell;
  const text = String(cell);
  if (/^-?\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6) / 1e6;
  return /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text;
}
