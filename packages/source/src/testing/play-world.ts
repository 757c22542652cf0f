import { HOUR_MS } from '../timing.ts';
import { EXECUTION_MS } from './generate-world.ts';
import type { PlannedRun, PlannedWorld } from './generate-world.ts';
import { MemorySink } from './memory-sink.ts';
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
  const sink = new MemorySink();
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
  const undisturbed = { diesAt: null, stopsAt: null, faultShare: 0, failingCreates: 0 };
  for (const run of [...planned.runs, { ...undisturbed, afterMs: LONGEST_RETRY_MS }]) {
    const { simulated } = world.time;
    simulated.advanceTo(simulated.now() + run.afterMs);
    runs.push(await playRun(world, sink, run, planned.seed));
  }
  return await judge({ planned, sink, runs, executions: await world.executions(), world });
}

async function playRun(
  world: World,
  sink: MemorySink,
  run: PlannedRun,
  seed: number,
): Promise<PlayedRun> {
  const startedMs = world.time.clock.now();
  await world.control('faults', faultsOf(run, seed));
  const stop = new AbortController();
  let calls = 0;
  sink.onCall = () => {
    if (calls === run.stopsAt) stop.abort();
    if (calls++ === run.diesAt) throw new Killed();
  };
  try {
    const summary = await world.run(sink, { signal: stop.signal });
    const isClean = !summary.interrupted && run.faultShare === 0 && run.failingCreates === 0;
    return { startedMs, endedMs: world.time.clock.now(), isClean, hasDied: false };
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { startedMs, endedMs: world.time.clock.now(), isClean: false, hasDied: true };
  } finally {
    sink.onCall = () => {};
  }
}

function faultsOf({ faultShare, failingCreates }: PlannedRun, seed: number): object {
  if (faultShare > 0) {
    return { seed, share: faultShare, operations: ['create', 'get', 'list', 'download'] };
  }
  const rule = { operation: 'create', times: failingCreates, fault: { kind: 'execution_fails' } };
  return { rules: failingCreates > 0 ? [rule] : [] };
}
