import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { LocalArchive } from '../archive/local-archive.ts';
import { HOUR_MS } from '../streams/timing.ts';
import type { PlannedRun, PlannedWorld } from './generate-world.ts';
import type { MemorySink } from './memory-sink.ts';
import { playRun } from './play-run.ts';
import type { PlayedRun } from './play-run.ts';
import { rebuildDamaged } from './rebuild-damaged.ts';
import type { RebuiltWorld } from './rebuild-damaged.ts';
import { SlowSink } from './slow-sink.ts';
import type { ListedSimulation } from './world.ts';
import { World } from './world.ts';

export interface PlayedWorld {
  readonly planned: PlannedWorld;
  readonly sink: MemorySink;
  readonly runs: readonly PlayedRun[];
  /** What the state claimed on the way and was not so, one line each. */
  readonly claims: readonly string[];
  readonly executions: readonly ListedSimulation[];
  /** What could be loaded again from a damaged archive; undefined where there was none. */
  readonly rebuilt: RebuiltWorld | undefined;
  /** The simulated API, for the truth. */
  readonly world: World;
}

/** What has failed often is not tried again for half a day. */
export const LONGEST_RETRY_MS = 12 * HOUR_MS;

/** What does not end, or would be one query too many, is asked for again when it is due anew. */
export const LONGEST_WAIT_MS = 21 * HOUR_MS;

/** Plays a world to its end, adds runs that are left alone, and shows what has come of it. */
export async function playWorld<T>(
  planned: PlannedWorld,
  judge: (played: PlayedWorld) => Promise<T>,
): Promise<T> {
  const sink = new SlowSink({ mayOverlap: planned.mayOverlap, pause: () => setImmediate() });
  const folder = planned.hasArchive
    ? await mkdtemp(join(tmpdir(), 'traffic-events-world-'))
    : undefined;
  await using world = await World.start({
    now: planned.firstRun,
    accounts: planned.accounts,
    startDate: planned.runs[0]?.startDate ?? '',
    events: planned.events,
    executionDurationMs: planned.executionMs,
    timestampPrecision: 'milliseconds',
    ...planned.behaviour,
  });
  try {
    const runs: PlayedRun[] = [];
    const claims = new Set<string>();
    for (const run of [...planned.runs, ...lastRuns(planned)]) {
      world.advance(run.afterMs);
      runs.push(await playRun(run, { world, sink, planned, claims, archive: archiveIn(folder) }));
    }
    const rebuilt = folder === undefined ? undefined : await rebuildDamaged(planned, sink, folder);
    const executions = await world.executions();
    return await judge({ planned, sink, runs, claims: [...claims], executions, rebuilt, world });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** A program of its own each time: nothing is carried over but what stands in the folder. */
function archiveIn(folder: string | undefined): LocalArchive | undefined {
  return folder === undefined ? undefined : new LocalArchive({ folder });
}

/** Left alone, after every wait there is: what can be had then is held, and all is well. */
function lastRuns({ runs }: PlannedWorld): PlannedRun[] {
  const last = runs.findLast(({ accept, definition }) => definition === 0 || accept !== null);
  if (last === undefined) throw new TypeError('a world without a run');
  const alone: PlannedRun = {
    ...last,
    stateLost: false,
    zones: 'own',
    maxDurationMs: undefined,
    diesAt: null,
    stopsAt: null,
    troubles: [],
  };
  return [
    { ...alone, afterMs: LONGEST_RETRY_MS },
    { ...alone, afterMs: LONGEST_WAIT_MS },
  ];
}
