import { addDays, datesBetween, eventDateAt } from '@traffic-events/slice';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator } from '@traffic-events/simulator';
import { accountKey, clockFromEnvironment } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import type { Config } from '../config.ts';
import { openLog } from '../log.ts';
import { currenciesOf } from '../accounts.ts';
import { sync } from '../sync.ts';
import { warehouseOf } from '../warehouse.ts';
import type { DayDone } from './progress.ts';
import type { DemoResult } from './report.ts';
import { syncInstants } from './timeline.ts';
import { add, areEqual, NO_EVENTS, readTruth } from './truth-totals.ts';
import type { DemoSource } from './truth-totals.ts';
import { readWarehouseTotals } from './warehouse-totals.ts';

const DAYS = 45;
const LAST_EVENT_DATE = '2026-02-28';
const SCHEMA = 'traffic_events';

const ACCOUNTS = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
  { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C4D5E' },
] as const satisfies readonly Account[];

const CURRENCIES = { DE: 'EUR', UK: 'GBP' } as const;

const [DSP, SPONSORED_ADS] = ACCOUNTS.map(accountKey) as [string, string];

/** What is extracted: a slice of each makes a date whole. */
const SOURCES: readonly DemoSource[] = [
  { account: DSP, dataSource: 'dsp_impressions' },
  { account: DSP, dataSource: 'dsp_clicks' },
  { account: SPONSORED_ADS, dataSource: 'sponsored_ads_traffic' },
];

/** At this speed an execution of 15 minutes takes 0.3 seconds. */
const TIME_SCALE = 3000;

const DAY_MS = 86_400_000;
const LONGEST_FILE_DAYS = 400;
const LOOPBACK = '127.0.0.1';
const FAR_FUTURE_MS = Date.parse('2100-01-01T00:00:00Z');

export interface DemoOptions {
  readonly onStep: (text: string) => void;
  readonly onDay: (day: DayDone) => void;
  /** Real events instead of generated ones: CSV, or CSV compressed with gzip. */
  readonly eventsFile?: string | undefined;
  readonly signal: AbortSignal;
}

export interface Demo {
  readonly result: DemoResult;
  readonly postgres: EmbeddedPostgres;
  readonly warehouseUrl: string;
  /** What a user would have configured, and the last moment of the demo. */
  readonly config: Config;
  readonly endedMs: number;
}

/** Runs the whole demo; the caller stops or keeps the PostgreSQL that it answers with. */
export async function runDemo(options: DemoOptions): Promise<Demo> {
  // All that the demo asks is on this machine, where no proxy of the environment leads to.
  process.env['no_proxy'] = LOOPBACK;
  const clock = new SimulatedClock({
    originMs: Date.parse(`${addDays(LAST_EVENT_DATE, 1)}T00:00:00Z`) - DAYS * DAY_MS,
    scale: TIME_SCALE,
  });
  options.onStep('Starting the simulated API and an embedded PostgreSQL …');
  const [simulator, postgres] = await startBoth(options, clock);
  try {
    const warehouseUrl = await postgres.createDatabase('traffic_events');
    const dates = await eventDates(simulator);
    const config = configOf(simulator, warehouseUrl, dates[0] ?? LAST_EVENT_DATE);
    await syncEveryDay(options, { config, clock, dates });
    const endedMs = clock.now();
    await createViews(config, endedMs);
    const result = await compare(simulator, warehouseUrl, dates);
    return { result, postgres, warehouseUrl, config, endedMs };
  } catch (error) {
    await postgres.stop();
    throw error;
  } finally {
    await simulator.close();
  }
}

/** The simulated API and PostgreSQL; what has started does not outlive the other's failure. */
async function startBoth(
  options: DemoOptions,
  clock: SimulatedClock,
): Promise<[Simulator, EmbeddedPostgres]> {
  const [simulator, postgres] = await Promise.allSettled([
    startSimulator({ clock, accounts: [...ACCOUNTS], events: eventsOf(options) }),
    EmbeddedPostgres.start(),
  ]);
  if (simulator.status === 'rejected') {
    if (postgres.status === 'fulfilled') await postgres.value.stop();
    throw simulator.reason;
  }
  if (postgres.status === 'rejected') {
    await simulator.value.close();
    throw postgres.reason;
  }
  return [simulator.value, postgres.value];
}

function eventsOf({ eventsFile }: DemoOptions) {
  if (eventsFile === undefined) {
    const fromDate = addDays(LAST_EVENT_DATE, 1 - DAYS);
    return { kind: 'generated', seed: 1, fromDate, days: DAYS } as const;
  }
  return { kind: 'file', path: eventsFile, lastEventDate: LAST_EVENT_DATE } as const;
}

/** Every date from the first to the last on which there are events. */
async function eventDates(simulator: Simulator): Promise<string[]> {
  const from = addDays(LAST_EVENT_DATE, -LONGEST_FILE_DAYS);
  const range = { from, to: LAST_EVENT_DATE, asOfMs: FAR_FUTURE_MS };
  const { byDate } = await readTruth(simulator, SOURCES, range);
  const first = [...byDate.keys()]
    .toSorted()
    .find((date) => !areEqual(byDate.get(date), NO_EVENTS));
  return first === undefined ? [] : [...datesBetween(first, LAST_EVENT_DATE)];
}

async function syncEveryDay(
  { onDay, signal }: DemoOptions,
  world: {
    readonly config: Config;
    readonly clock: SimulatedClock;
    readonly dates: readonly string[];
  },
): Promise<void> {
  const { config, clock, dates } = world;
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return;
  const instants = syncInstants(first, last);
  const logger = openLog('text', 'warn');
  const context = { config, clock, logger, events: logger, signal };
  for (const [index, instantMs] of instants.entries()) {
    signal.throwIfAborted();
    clock.advanceTo(instantMs);
    await sync(context);
    onDay({ done: index + 1, of: instants.length, date: eventDateAt(instantMs) });
  }
}

/** Views as a user would make them, for whom it is still the last day of the demo. */
async function createViews(config: Config, nowMs: number): Promise<void> {
  const now = new Date(nowMs).toISOString();
  const warehouse = await warehouseOf(config);
  await warehouse.createViews({
    currencies: currenciesOf(config, []),
    clock: clockFromEnvironment({ TRAFFIC_EVENTS_NOW: now }),
  });
}

/** What a user would write in traffic-events.yaml. */
function configOf({ credentials, url }: Simulator, warehouse: string, startDate: string): Config {
  return {
    credentials: {
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: credentials.refreshToken,
    },
    start_date: startDate,
    accounts: ACCOUNTS.map((account) => ({ account, currency: CURRENCIES[account.marketplace] })),
    streams: SOURCES.map(({ dataSource }) => dataSource),
    warehouse,
    schema: SCHEMA,
    grains: 'fine',
    bundle: 'off',
    refresh: 'daily',
    max_active_executions: 5,
    api_url: url,
    token_url: `${url}/auth/o2/token`,
  };
}

async function compare(
  simulator: Simulator,
  warehouseUrl: string,
  dates: readonly string[],
): Promise<DemoResult> {
  const [from = LAST_EVENT_DATE, to = LAST_EVENT_DATE] = [dates[0], dates.at(-1)];
  // What the API still has goes on expiring while this is asked: the last morning counts.
  const asOfMs = syncInstants(from, to).at(-1) ?? FAR_FUTURE_MS;
  const truth = await readTruth(simulator, SOURCES, { from, to, asOfMs });
  const held = await readWarehouseTotals(warehouseUrl, SCHEMA, SOURCES.length);
  const differences = dates.filter(
    (date) => !areEqual(held.byDate.get(date), truth.byDate.get(date)),
  );
  const isWhole = (date: string) => held.settledDates.has(date) && !differences.includes(date);
  return {
    dates,
    warehouseDates: dates.filter(isWhole).length,
    apiDates: dates.filter((date) => truth.wholeDates.has(date)).length,
    rows: held.rows,
    warehouse: [...held.byDate.values()].reduce(add, NO_EVENTS),
    api: truth.answerable,
    differences,
  };
}
