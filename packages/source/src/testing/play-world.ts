import { setImmediate } from 'node:timers/promises';

import { DiskError } from '@traffic-events/client';

import { HOUR_MS } from '../timing.ts';
import { EXECUTION_MS } from './generate-world.ts';
import type { PlannedRun, PlannedWorld } from './generate-world.ts';
import { MemoryArchive } from './memory-archive.ts';
import type { MemorySink } from './memory-sink.ts';
import { SeededRandom } from './seeded-random.ts';
import { SlowSink } from './slow-sink.ts';
import { untrueClaims } from './untrue-claims.ts';
import type { ListedSimulation } from './world.ts';
import { World } from './world.ts';

/** A run as it went. */
export interface PlayedRun {
  readonly startedMs: number;
  readonly endedMs: number;
  /** It was left alone: what it could extract, it has extracted. */
  readonly isClean: boolean;
  readonly hasDied: boolean;
}

export interface PlayedWorld {
  readonly planned: PlannedWorld;
  readonly sink: MemorySink;
  readonly archive: MemoryArchive;
  /** What went wrong on the way, one line each. */
  readonly faults: readonly string[];
  readonly runs: readonly PlayedRun[];
  readonly executions: readonly ListedSimulation[];
  /** The simulated API, for the truth. */
  readonly world: World;
}

/** What has failed often is not tried again for half a day: the last run comes after that. */
export const LONGEST_RETRY_MS = 12 * HOUR_MS;

class Killed extends Error {}

/** Plays a world to its end, adds a run that is left alone, and shows what has come of it. */
export async function playWorld<T>(
  planned: PlannedWorld,
  judge: (played: PlayedWorld) => Promise<T>,
): Promise<T> {
  const sink = new SlowSink({ mayOverlap: planned.mayOverlap, pause: () => setImmediate() });
  const archive = new MemoryArchive();
  await using world = await World.start({
    now: planned.firstRun,
    accounts: planned.accounts,
    startDate: planned.startDate,
    streams: planned.streams,
    events: planned.events,
    executionDurationMs: EXECUTION_MS,
    timestampPrecision: 'milliseconds',
  });
  const runs: PlayedRun[] = [];
  const faults = new Set<string>();
  const undisturbed = {
    diesAt: null,
    stopsAt: null,
    faultShare: 0,
    failingCreates: 0,
    refusedShare: 0,
    unstoredShare: 0,
  };
  for (const run of [...planned.runs, { ...undisturbed, afterMs: LONGEST_RETRY_MS }]) {
    const { simulated } = world.time;
    simulated.advanceTo(simulated.now() + run.afterMs);
    const random = new SeededRandom(planned.seed * 100 + runs.length);
    runs.push(await playRun({ world, sink, archive, faults, random }, run, planned.seed));
  }
  const executions = await world.executions();
  return await judge({ planned, sink, archive, faults: [...faults], runs, executions, world });
}

interface Stage {
  readonly world: World;
  readonly sink: MemorySink;
  readonly archive: MemoryArchive;
  readonly faults: Set<string>;
  readonly random: SeededRandom;
}

async function playRun(stage: Stage, run: PlannedRun, seed: number): Promise<PlayedRun> {
  const { world, sink, archive, faults } = stage;
  const startedMs = world.time.clock.now();
  await world.control('faults', faultsOf(run, seed));
  const stop = new AbortController();
  let calls = 0;
  disturb(stage, run);
  sink.onCall = () => {
    for (const claim of untrueClaims(sink)) faults.add(claim);
    if (calls === run.stopsAt) stop.abort();
    if (calls++ === run.diesAt) throw new Killed();
  };
  try {
    const summary = await world.run(sink, { signal: stop.signal, archive });
    const isClean = !summary.interrupted && isUndisturbed(run);
    return { startedMs, endedMs: world.time.clock.now(), isClean, hasDied: false };
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { startedMs, endedMs: world.time.clock.now(), isClean: false, hasDied: true };
  } finally {
    sink.onCall = () => {};
  }
}

function isUndisturbed(run: PlannedRun): boolean {
  const { faultShare, failingCreates, refusedShare, unstoredShare } = run;
  return [faultShare, failingCreates, refusedShare, unstoredShare].every((share) => share === 0);
}

/** Has the sink refuse results, and this machine lack room for some. */
function disturb(
  { sink, archive, random }: Stage,
  { refusedShare, unstoredShare }: PlannedRun,
): void {
  sink.refuse = ({ mark }) =>
    random.chance(refusedShare)
      ? {
          kind: 'refused',
          reason: 'it does not fit',
          row: Math.min(1, mark.row_count) || undefined,
        }
      : undefined;
  archive.onPut = () => {
    const details = { folder: '/archive', isFull: true, cause: undefined };
    if (random.chance(unstoredShare)) throw new DiskError('/archive has no room', details);
  };
}

function faultsOf({ faultShare, failingCreates }: PlannedRun, seed: number): object {
  if (faultShare > 0) {
    return { seed, share: faultShare, operations: ['create', 'get', 'list', 'download'] };
  }
  const rule = { operation: 'create', times: failingCreates, fault: { kind: 'execution_fails' } };
  return { rules: failingCreates > 0 ? [rule] : [] };
}
