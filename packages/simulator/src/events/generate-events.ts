import type { EventSet, Impression } from './event-set.ts';
import { planCampaigns } from './plan-campaigns.ts';
import type { Flight } from './plan-campaigns.ts';
import { pickByWeight, runningSums, seededRandom } from './random.ts';
import type { Random } from './random.ts';

export interface GenerateOptions {
  /** Stable key of the account: the same seed gives another account other events. */
  readonly account: string;
  readonly seed: number | string;
  /** First event date, `YYYY-MM-DD`, UTC. */
  readonly fromDate: string;
  readonly days: number;
  /** Mean over the week. */
  readonly eventsPerDay: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Events arrive within 72 hours (API.md 1.4). */
export const MAX_ARRIVAL_MS = 72 * HOUR_MS;

const WEEKDAY_SHARE = [1.18, 0.94, 0.9, 0.92, 0.97, 1.02, 1.21];
const SUPPLY_SOURCES = [
  'Amazon.com',
  'Twitch',
  'Fire TV',
  'IMDb',
  'Amazon Publisher Services',
  'Google Ad Manager',
  'Magnite',
  'PubMatic',
  'Index Exchange',
  'OpenX',
  'Kindle',
  'Freevee',
];

/** Seeded events of realistic shape. */
export function generateEvents(options: GenerateOptions): EventSet {
  const { account, seed, days } = options;
  const flights = planCampaigns(account, days, seededRandom(`${seed}/${account}/campaigns`));
  const supplyWeights = runningSums(SUPPLY_SOURCES.map((_, index) => 1 / (index + 1) ** 1.6));
  return {
    advertiser: `Advertiser ${account}`,
    placements: flights.map((flight) => flight.placement),
    supplySources: SUPPLY_SOURCES,
    users: { kind: 'hashed', prefix: `amzn1.${account}.` },
    *batches() {
      for (let day = 0; day < days; day++) {
        yield dayOfEvents(day, { ...options, flights, supplyWeights });
      }
    },
  };
}

interface DayContext extends GenerateOptions {
  readonly flights: readonly Flight[];
  readonly supplyWeights: readonly number[];
}

function dayOfEvents(day: number, context: DayContext): Impression[] {
  const random = seededRandom(`${context.seed}/${context.account}/day/${day}`);
  const startMs = Date.parse(`${context.fromDate}T00:00:00Z`) + day * DAY_MS;
  const share = WEEKDAY_SHARE[new Date(startMs).getUTCDay()] ?? 1;
  const count = Math.round(context.eventsPerDay * share * (1 + 0.06 * random.normal()));
  const weights = runningSums(
    context.flights.map((flight) =>
      day >= flight.firstDay && day <= flight.lastDay ? flight.weight : 0,
    ),
  );
  const events = Array.from({ length: Math.max(0, count) }, () =>
    impression(startMs, weights, context, random),
  );
  const robots = seededRandom(`${context.seed}/${context.account}/robots/${day}`);
  return events
    .map((event) => (event.invalid ? clickedByRobot(event, robots) : event))
    .sort((a, b) => a.eventMs - b.eventMs);
}

function impression(
  dayStartMs: number,
  weights: readonly number[],
  context: DayContext,
  random: Random,
): Impression {
  const placement = pickByWeight(weights, random.next() * (weights.at(-1) ?? 0));
  const flight = context.flights[placement];
  if (flight === undefined) throw new Error(`No flight at ${placement}`);
  const eventMs = dayStartMs + Math.floor(hourOfDay(random) * HOUR_MS);
  const cost = Math.max(1, Math.round(flight.costPerImpression * (1 + 0.3 * random.normal())));
  const clicked = random.next() < flight.clickRate;
  const clickMs = clicked ? eventMs + 1000 + Math.floor(random.exponential(40_000)) : null;
  return {
    eventMs,
    arrivedMs: eventMs + arrivalDelayMs(random),
    user: flight.oneUser ? placement : user(context.eventsPerDay, random),
    placement,
    supplySource: pickByWeight(
      context.supplyWeights,
      random.next() * (context.supplyWeights.at(-1) ?? 0),
    ),
    cost,
    totalCost: Math.round(cost * 1.12),
    clickMs,
    clickArrivedMs: clickMs === null ? null : clickMs + arrivalDelayMs(random),
    viewability: random.next() < 0.08 ? 0 : random.next() < 0.62 ? 2 : 1,
    quarters: flight.video ? Math.min(4, Math.floor(random.exponential(2.6))) : null,
    invalid: random.next() < 0.02,
  };
}

/** Robots click far more often than people. */
function clickedByRobot(event: Impression, random: Random): Impression {
  if (event.clickMs !== null || random.next() > 0.15) return event;
  const clickMs = event.eventMs + 200 + random.integer(2000);
  return { ...event, clickMs, clickArrivedMs: clickMs + arrivalDelayMs(random) };
}

/** Few at night, most in the evening. */
function hourOfDay(random: Random): number {
  for (;;) {
    const hour = random.next() * 24;
    const share = 0.55 - 0.45 * Math.cos(((hour - 4) / 24) * 2 * Math.PI);
    if (random.next() < share) return hour;
  }
}

/** Some users come every day, most seldom, and some only once. */
function user(eventsPerDay: number, random: Random): number {
  if (random.next() < 0.05) return 1_000_000 + random.integer(1_000_000_000);
  return 1000 + Math.floor(eventsPerDay * 3 * random.next() ** 2.5);
}

/** Within the hour mostly, within the day nearly always, and the last ones after 72 hours. */
function arrivalDelayMs(random: Random): number {
  const kind = random.next();
  if (kind < 0.7) return Math.min(Math.floor(random.exponential(HOUR_MS)), MAX_ARRIVAL_MS);
  if (kind < 0.95) return Math.floor(random.next() * 24 * HOUR_MS);
  return Math.floor(random.next() * MAX_ARRIVAL_MS);
}
