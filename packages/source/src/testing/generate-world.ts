import type { Account } from '@traffic-events/client';
import type { BehaviourOverrides } from '@traffic-events/simulator';
import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

import type { Acceptance } from '../planning/accept-definition.ts';
import { HOUR_MS } from '../streams/timing.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { campaignStream, dailyStream, hourlyStream } from '../streams/data-source-streams.ts';
import { narrowStream } from '../streams/narrow-stream.ts';
import { SeededRandom } from './seeded-random.ts';
import { makeBehaviour, makeUnions } from './service-behaviour.ts';
import { isEndless, makeTroubles } from './trouble.ts';
import type { Trouble } from './trouble.ts';

/** How a run's configuration spells the time zones of the accounts. */
export type ZoneNames = 'own' | 'alias' | 'other';

/** What happens before a run and in it. */
export interface PlannedRun {
  /** Time that passes before it. */
  readonly afterMs: number;
  /** The state is gone, the warehouse is not. */
  readonly stateLost: boolean;
  readonly startDate: EventDate;
  /** Which of the world's definitions is configured. */
  readonly definition: 0 | 1;
  /** How a changed one is accepted; null where it is not. */
  readonly accept: Acceptance | null;
  readonly zones: ZoneNames;
  readonly maxDurationMs: number | undefined;
  /** The sink call, counted from 0, at which it dies; null to let it live. */
  readonly diesAt: number | null;
  /** The sink call at which it is told to stop; null not to. */
  readonly stopsAt: number | null;
  readonly troubles: readonly Trouble[];
}

/** A world and what is done in it; the same seed gives the same one. */
export interface PlannedWorld {
  readonly seed: number;
  readonly accounts: readonly Account[];
  /** The streams by their first definition and by their second. */
  readonly definitions: readonly [readonly StreamDefinition[], readonly StreamDefinition[]];
  readonly firstRun: string;
  readonly executionMs: number;
  readonly behaviour: BehaviourOverrides;
  /** Whether several slices of a date are asked for by one query. */
  readonly bundle: 'auto' | 'off';
  readonly hasArchive: boolean;
  /** Whether the sink takes a call before the one before it has ended. */
  readonly mayOverlap: boolean;
  readonly events: {
    readonly kind: 'generated';
    readonly seed: number;
    readonly fromDate: EventDate;
    readonly days: number;
    readonly eventsPerDay: number;
  };
  readonly runs: readonly PlannedRun[];
}

const ACCOUNTS: readonly Account[] = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' },
  { kind: 'dsp', marketplace: 'UK', advertiserId: '584930219384756193' },
  { kind: 'sponsored_ads', marketplace: 'FR', entityId: 'ENTITY1' },
  { kind: 'dsp', marketplace: 'US', advertiserId: '77', timeZone: 'America/Los_Angeles' },
  { kind: 'dsp', marketplace: 'AU', advertiserId: '78', timeZone: 'Australia/Lord_Howe' },
];

/** Enough to tell right from wrong; the simulator answers a narrow query several times as fast. */
const FEW_COLUMNS = [
  'campaign',
  'impression_dt_hour_utc',
  'impressions',
  'total_cost',
  'clicks',
  'event_date',
];

const FIRST_EVENT_DATE = '2026-03-20';

/** Short, so that an execution costs a single poll; all else is judged by instants. */
const SHORT_MS = 20_000;
const LONG_MS = 40 * 60_000;

export function generateWorld(seed: number): PlannedWorld {
  const random = new SeededRandom(seed);
  const world = worldOf(seed, random);
  const begun = random.chance(0.12) ? beginningLate(world, random) : world;
  const played = random.chance(0.08) ? onTinyDisks(begun, random) : begun;
  return played.bundle === 'auto' ? askedTogether(played, random) : played;
}

/** The service takes unions in one way or another. */
function askedTogether(world: PlannedWorld, random: SeededRandom): PlannedWorld {
  const hasUnions = world.definitions[0].some(
    ({ aggregate }) => aggregate?.layout === 'per_metric',
  );
  return { ...world, behaviour: { ...world.behaviour, ...makeUnions(random, hasUnions) } };
}

/** The spool of some runs stands on a disk that a few results fill. */
function onTinyDisks(world: PlannedWorld, random: SeededRandom): PlannedWorld {
  const runs = world.runs.map((run): PlannedRun => {
    const full: Trouble = { kind: 'spool_full', kibibytes: random.pick([4, 8, 16]) };
    return random.chance(0.5) ? { ...run, troubles: [...run.troubles, full] } : run;
  });
  return { ...world, runs };
}

/** The first events expire from one run to the next: what goes wrong puts dates at risk. */
function beginningLate(world: PlannedWorld, random: SeededRandom): PlannedWorld {
  const late = `${addDays(FIRST_EVENT_DATE, random.integer(27, 33))}T00:00:00Z`;
  const [first, ...others] = world.runs.map((run) => ({
    ...run,
    afterMs: run.afterMs % (30 * HOUR_MS),
  }));
  if (first === undefined) return world;
  const afterMs = first.afterMs + Date.parse(late) - Date.parse(world.firstRun);
  return { ...world, runs: [{ ...first, afterMs }, ...others] };
}

function worldOf(seed: number, random: SeededRandom): PlannedWorld {
  const days = random.integer(3, 12);
  return {
    seed,
    accounts: random.some(ACCOUNTS).slice(0, random.pick([1, 1, 2])),
    definitions: definitionsOf(random),
    firstRun: `${addDays(FIRST_EVENT_DATE, random.integer(1, days))}T${String(random.integer(0, 23)).padStart(2, '0')}:30:00Z`,
    executionMs: random.chance(0.15) ? LONG_MS : SHORT_MS,
    behaviour: makeBehaviour(random),
    hasArchive: random.chance(0.25),
    mayOverlap: random.chance(0.5),
    events: {
      kind: 'generated',
      seed,
      fromDate: FIRST_EVENT_DATE,
      days,
      eventsPerDay: random.integer(3, 30),
    },
    runs: plannedRuns(random),
    bundle: random.pick(['auto', 'off'] as const),
  };
}

function definitionsOf(random: SeededRandom): PlannedWorld['definitions'] {
  const layout = random.pick(['joined', 'per_metric'] as const);
  const whole = random
    .some([
      dailyStream('dsp_impressions', layout),
      dailyStream('dsp_clicks', layout),
      campaignStream('dsp_impressions', layout),
      campaignStream('dsp_clicks', layout),
      hourlyStream('dsp_impressions', layout),
    ])
    .concat(dailyStream('sponsored_ads_traffic', layout))
    .filter((stream) => stream !== undefined);
  const narrowed = (columns: readonly string[]) =>
    whole.map((stream) => narrowStream(stream, new Set(columns)));
  return [narrowed(FEW_COLUMNS), narrowed(FEW_COLUMNS.slice(1))];
}

/** What a user changes from run to run, as it stands. */
interface Configured {
  startDate: EventDate;
  definition: 0 | 1;
  accept: Acceptance | null;
}

function plannedRuns(random: SeededRandom): PlannedRun[] {
  const configured: Configured = {
    startDate: addDays(FIRST_EVENT_DATE, random.integer(-3, 2)),
    definition: 0,
    accept: null,
  };
  const losesState = random.chance(0.2);
  const runs: PlannedRun[] = [];
  // The slots that these take are never free again: more of them than one run has would fill them all.
  const mayBeEndless = () => !runs.some(({ troubles }) => troubles.some(isEndless));
  for (let count = random.integer(2, 5); count > 0; count -= 1) {
    runs.push(...refusedRuns(random, configured, losesState));
    reconfigure(random, configured);
    runs.push({
      ...configured,
      afterMs: gapMs(random),
      stateLost: losesState && runs.length > 0 && random.chance(0.4),
      // A program that has lost its state does not know by which name its zone was.
      zones: !losesState && random.chance(0.2) ? 'alias' : 'own',
      maxDurationMs: random.chance(0.08) ? random.integer(1, 180) * 60_000 : undefined,
      diesAt: random.chance(0.25) ? random.integer(0, 30) : null,
      stopsAt: random.chance(0.1) ? random.integer(0, 20) : null,
      troubles: makeTroubles(random).filter((each) => !isEndless(each) || mayBeEndless()),
    });
  }
  return runs;
}

/** Runs that may do nothing: another zone, or another definition that nobody accepted. */
function refusedRuns(
  random: SeededRandom,
  { startDate, definition, accept }: Configured,
  losesState: boolean,
): PlannedRun[] {
  const undisturbed = { stateLost: false, maxDurationMs: undefined, diesAt: null, stopsAt: null };
  const run = { ...undisturbed, startDate, definition, accept, afterMs: HOUR_MS, troubles: [] };
  if (!losesState && random.chance(0.05)) return [{ ...run, zones: 'other' }];
  if (definition === 0 && random.chance(0.05)) return [{ ...run, zones: 'own', definition: 1 }];
  return [];
}

function reconfigure(random: SeededRandom, configured: Configured): void {
  if (random.chance(0.1)) {
    configured.startDate = addDays(configured.startDate, random.integer(-8, 6));
  }
  if (configured.definition === 0 && random.chance(0.08)) {
    configured.definition = 1;
    configured.accept = random.pick(['from_next_date', 'reextract'] as const);
  }
}

/** Hours mostly, days often, weeks seldom. */
function gapMs(random: SeededRandom): number {
  const hours = random.chance(0.1)
    ? random.integer(24 * 20, 24 * 50)
    : random.pick([
        random.integer(0, 3),
        random.integer(3, 30),
        random.integer(20, 28),
        random.integer(24, 24 * 6),
      ]);
  return hours * HOUR_MS + random.integer(0, 59) * 60_000;
}
