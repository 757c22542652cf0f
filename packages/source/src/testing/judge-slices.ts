import type { TruthRow } from '@traffic-events/simulator';

import { partitionOf } from '../state/saved-states.ts';
import { isCalm, isCrowding } from './calm.ts';
import { isWantedBy } from './judged-slice.ts';
import type { JudgedSlice } from './judged-slice.ts';
import type { HeldSlice } from './memory-sink.ts';
import type { PlayedRun } from './play-run.ts';
import type { PlayedWorld } from './play-world.ts';
import { FAR_FUTURE_MS } from './world-truth.ts';
import type { WorldTruth } from './world-truth.ts';

/** Whether each slice is held as it was, or was reported as lost where no run could have it. */
export async function judgeSlices(
  played: PlayedWorld,
  slices: readonly JudgedSlice[],
  truth: WorldTruth,
): Promise<string[]> {
  const faults: string[] = [];
  for (const slice of slices) {
    const held = played.sink.slices.get(slice.name);
    if (held === undefined) faults.push(...judgeMissing(played, slice));
    else {
      faults.push(...(await judgeSums(slice, held, truth)));
      faults.push(...judgeCompleteness(played, slice, held));
    }
  }
  return faults;
}

/** A date without a copy must be reported as missed, and no run can have been able to extract it. */
function judgeMissing(played: PlayedWorld, slice: JudgedSlice): string[] {
  const { planned, runs, sink } = played;
  const { stream, accountId, date, name, timing } = slice;
  const since = partitionOf(sink.savedState, stream.name, accountId)?.since;
  const last = runs.at(-1);
  if (last === undefined || since === undefined || date < since) return [];
  const faults: string[] = [];
  const missed = sink.ledgerRows.filter(
    ({ status, extraction_id: id }) =>
      status === 'missed' && id === `close:${stream.name}:${accountId}:${date}`,
  );
  if (isWantedBy(last, slice) && last.startedMs < timing.goneMs) {
    if (isCrowding(planned)) return [];
    faults.push(`${name} could still be had by the last run, but is not held`);
  } else if (slice.windowEndMs <= last.startedMs && missed.length !== 1) {
    faults.push(`${name} is not held and reported missed ${missed.length}x`);
  }
  const able = ableRun(played, slice);
  if (able === undefined) return faults;
  return [...faults, `${name} is missed although a run at ${iso(able.startedMs)} could extract it`];
}

/** The first run that nothing can have kept from extracting the slice whole. */
function ableRun({ planned, runs }: PlayedWorld, slice: JudgedSlice): PlayedRun | undefined {
  if (isCrowding(planned)) return undefined;
  return runs.find(
    (run) => isCalm(run, runs) && isWantedBy(run, slice) && run.endedMs < slice.timing.expiresMs,
  );
}

/** A copy that is the last one, and of which a part had expired, is one that no run could make whole. */
function judgeCompleteness(played: PlayedWorld, slice: JudgedSlice, { copy }: HeldSlice): string[] {
  const { behaviour } = played.planned;
  if (copy.complete || (behaviour.emptyResult === 'no_file' && copy.rowCount === 0)) return [];
  const able = ableRun(played, slice);
  if (able === undefined) return [];
  return [`${slice.name} is incomplete although a run at ${iso(able.startedMs)} could extract it`];
}

/** A copy must say what the truth was at its createTime, and a settled one the truth itself. */
export async function judgeSums(
  slice: JudgedSlice,
  held: HeldSlice,
  truth: WorldTruth,
): Promise<string[]> {
  const { name } = slice;
  const { copy, columns } = held;
  const createTimeMs = truth.createTimeMs(copy.executionId);
  // Nothing is known of it, and it says so.
  if (!copy.complete && copy.suspect && copy.rowCount === 0) return [];
  if (createTimeMs === undefined) return [`${name} is held of ${copy.executionId}, which is none`];
  const then = await truth.at(slice, createTimeMs);
  const wanted: [string, Sums | undefined][] = [['answerable then', then?.answerable]];
  if (copy.complete) wanted.push(['whole then', then?.totals]);
  if (copy.complete && copy.settled) {
    wanted.push(['the truth', (await truth.at(slice, FAR_FUTURE_MS))?.totals]);
  }
  return wanted.flatMap(([what, sums]) =>
    Object.entries(sums ?? {}).flatMap(([metric, total]) => {
      const got = sumOf(held, metric);
      if (!columns.includes(metric) || got === BigInt(total)) return [];
      return [`${name} has ${metric} ${got} where ${what} was ${total} (${JSON.stringify(copy)})`];
    }),
  );
}

type Sums = TruthRow['totals'];

function sumOf({ columns, rows }: HeldSlice, column: string): bigint {
  const index = columns.indexOf(column);
  return rows.reduce((sum, row) => sum + BigInt(row[index] ?? 0), 0n);
}

function iso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
