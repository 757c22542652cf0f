import type { Account } from '@traffic-events/client';
import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

import { HOUR_MS } from '../timing.ts';
import type { StreamDefinition } from '../stream.ts';
import { dailyStream, hourlyStream } from '../streams/data-source-streams.ts';
import { narrowStream } from '../streams/narrow-stream.ts';
import { SeededRandom } from './seeded-random.ts';

/** What happens in a run. */
export interface PlannedRun {
  /** Time that passes before it. */
  readonly afterMs: number;
  /** The sink call, counted from 0, at which it dies; null to let it live. */
  readonly diesAt: number | null;
  /** The sink call at which it is told to stop; null not to. */
  readonly stopsAt: number | null;
  /** Share of the API's answers that are struck by faults. */
  readonly faultShare: number;
  /** Creates in a row, counted from 1, whose executions fail. */
  readonly failingCreates: number;
  /** Share of the results that the sink cannot take. */
  readonly refusedShare: number;
  /** Share of the results for which this machine has no room. */
  readonly unstoredShare: number;
}

/** A world and what is done in it; the same seed gives the same one. */
export interface PlannedWorld {
  readonly seed: number;
  readonly accounts: readonly Account[];
  readonly streams: readonly StreamDefinition[];
  readonly startDate: EventDate;
  readonly firstRun: string;
  readonly events: {
    readonly kind: 'generated';
    readonly seed: number;
    readonly fromDate: EventDate;
    readonly days: number;
    readonly eventsPerDay: number;
  };
  readonly runs: readonly PlannedRun[];
  /** Whether the sink takes a call before the one before it has ended. */
  readonly mayOverlap: boolean;
  /** Share of the archive's results that are lost before it is loaded again. */
  readonly damagedShare: number;
}

const ACCOUNTS: readonly Account[] = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' },
  { kind: 'dsp', marketplace: 'UK', advertiserId: '584930219384756193' },
  { kind: 'sponsored_ads', marketplace: 'FR', entityId: 'ENTITY1' },
  { kind: 'dsp', marketplace: 'US', advertiserId: '77', timeZone: 'America/Los_Angeles' },
  { kind: 'dsp', marketplace: 'AU', advertiserId: '78', timeZone: 'Australia/Lord_Howe' },
];

/** Enough to tell right from wrong; the simulator answers a narrow query several times as fast. */
const FEW_COLUMNS = new Set([
  'campaign',
  'impression_dt_hour_utc',
  'impressions',
  'total_cost',
  'clicks',
  'event_date',
]);

const FIRST_EVENT_DATE = '2026-03-20';

/** Short, so that an execution costs a single poll; all else is judged by instants. */
export const EXECUTION_MS = 20_000;

export function generateWorld(seed: number): PlannedWorld {
  const random = new SeededRandom(seed);
  const layout = random.pick(['joined', 'per_metric'] as const);
  const days = random.integer(3, 12);
  return {
    seed,
    accounts: random.some(ACCOUNTS).slice(0, random.pick([1, 1, 2])),
    streams: random
      .some([
        dailyStream('dsp_impressions', layout),
        dailyStream('dsp_clicks', layout),
        hourlyStream('dsp_impressions', layout),
      ])
      .concat(dailyStream('sponsored_ads_traffic', layout))
      .flatMap((stream) => (stream === undefined ? [] : narrowStream(stream, FEW_COLUMNS))),
    startDate: addDays(FIRST_EVENT_DATE, random.integer(-3, 2)),
    firstRun: `${addDays(FIRST_EVENT_DATE, random.integer(1, days))}T${String(random.integer(0, 23)).padStart(2, '0')}:30:00Z`,
    events: {
      kind: 'generated',
      seed,
      fromDate: FIRST_EVENT_DATE,
      days,
      eventsPerDay: random.integer(3, 30),
    },
    runs: Array.from({ length: random.integer(2, 5) }, () => plannedRun(random)),
    mayOverlap: random.chance(0.5),
    damagedShare: random.pick([0, 0.2]),
  };
}

function plannedRun(random: SeededRandom): PlannedRun {
  return {
    afterMs: gapMs(random),
    diesAt: random.chance(0.4) ? random.integer(0, 30) : null,
    stopsAt: random.chance(0.15) ? random.integer(0, 20) : null,
    faultShare: random.chance(0.3) ? 0.08 : 0,
    failingCreates: random.chance(0.2) ? random.integer(1, 6) : 0,
    refusedShare: random.chance(0.25) ? random.pick([0.1, 0.5]) : 0,
    unstoredShare: random.chance(0.2) ? random.pick([0.2, 1]) : 0,
  };
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
