import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { compareCopies, datesBetween, windowOf } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

import { lastEventDate } from '../plan-partition.ts';
import type { StreamDefinition } from '../stream.ts';
import { sliceTiming } from '../timing.ts';
import { runRebuild } from '../rebuild.ts';
import { parseWorkflowId } from '../workflow-id.ts';
import { EXECUTION_MS } from './generate-world.ts';
import { MemorySink } from './memory-sink.ts';
import type { HeldSlice } from './memory-sink.ts';
import { LONGEST_RETRY_MS } from './play-world.ts';
import type { PlayedWorld } from './play-world.ts';
import { SeededRandom } from './seeded-random.ts';

const FAR_FUTURE_MS = Date.parse('2100-01-01T00:00:00Z');

interface JudgedSlice {
  readonly account: Account;
  readonly stream: StreamDefinition;
  readonly date: EventDate;
  readonly name: string;
}

/** What is wrong with the end of a world, one line each; none when all promises were kept. */
export async function judgeWorld(played: PlayedWorld): Promise<string[]> {
  const faults = [...played.faults, ...doubleCreates(played), ...unkept(played)];
  for (const slice of slicesOf(played)) {
    const held = played.sink.slices.get(slice.name);
    if (held === undefined) faults.push(...judgeMissing(played, slice));
    else faults.push(...(await judgeHeld(played, slice, held)));
  }
  return [...faults, ...(await judgeArchive(played))];
}

/** Nothing is loaded whose raw result is not kept. */
function unkept({ sink, archive }: PlayedWorld): string[] {
  return [...sink.slices]
    .filter(([, { copy }]) => !archive.has(copy.executionId))
    .map(
      ([name, { copy }]) =>
        `${name} is held of execution ${copy.executionId}, without its raw result`,
    );
}

/**
 * Loaded again, the archive makes slices that are no poorer (results that the sink had refused may
 * fit now), but for those whose raw results are lost.
 */
async function judgeArchive({ planned, sink, archive }: PlayedWorld): Promise<string[]> {
  const random = new SeededRandom(planned.seed);
  const lost = new Set<string>();
  for await (const { execution_id: id } of archive.list()) {
    if (random.chance(planned.damagedShare)) lost.add(id);
  }
  archive.isDamaged = ({ execution_id: id }) => lost.has(id);
  const rebuilt = new MemorySink();
  const { accounts, streams } = planned;
  const state = { bookmarks: {} };
  const run = { runId: 'rebuild', startedAt: '2026-12-01T00:00:00.000Z' };
  const summary = await runRebuild({ archive, accounts, streams, state, sink: rebuilt, ...run });
  const faults =
    summary.skipped.length === lost.size
      ? []
      : [`${lost.size} results are lost, and ${summary.skipped.length} were skipped`];
  for (const [name, { copy }] of sink.slices) {
    const again = rebuilt.slices.get(name)?.copy;
    if (lost.has(copy.executionId)) continue;
    if (again !== undefined && compareCopies(again, copy) >= 0) continue;
    faults.push(
      `${name} is rebuilt of ${again?.executionId ?? 'nothing'}, not of ${copy.executionId}`,
    );
  }
  return faults;
}

/** Every date that was in reach of the first run that began to plan, up to the last run. */
function slicesOf({ planned, runs, sink }: PlayedWorld): JudgedSlice[] {
  const lastMs = runs.at(-1)?.startedMs ?? 0;
  return planned.accounts.flatMap((account) =>
    planned.streams
      .filter(({ accountKind }) => accountKind === account.kind)
      .flatMap((stream) => {
        const id = accountKey(account);
        const since = sink.savedState.bookmarks[stream.name]?.partitions.find(
          ({ context }) => context.account_id === id,
        )?.since;
        const last = lastEventDate(account.timeZone ?? 'UTC', lastMs);
        return [...datesBetween(since ?? planned.startDate, last)].map((date) => ({
          account,
          stream,
          date,
          name: `${stream.name} ${id} ${date}`,
        }));
      }),
  );
}

/** A date without a copy must be reported as missed, and no run can have been able to extract it. */
function judgeMissing({ runs, sink }: PlayedWorld, slice: JudgedSlice): string[] {
  const { stream, account, date, name } = slice;
  const { goneMs, expiresMs } = timingOf(slice);
  const { endMs } = windowOf(date, account.timeZone);
  const missed = sink.ledgerRows.filter(
    ({ status, extraction_id }) =>
      status === 'missed' &&
      extraction_id === `close:${stream.name}:${accountKey(account)}:${date}`,
  );
  const lastMs = runs.at(-1)?.startedMs ?? 0;
  const faults: string[] = [];
  if (lastMs < goneMs) faults.push(`${name} could still be had by the last run, but is not held`);
  if (missed.length !== 1) faults.push(`${name} is not held and reported missed ${missed.length}x`);
  const able = runs.find(
    ({ isClean, startedMs, endedMs }, index) =>
      isClean &&
      endMs <= startedMs &&
      endedMs < expiresMs &&
      !runs.slice(0, index).some((run) => startedMs - run.endedMs < LONGEST_RETRY_MS),
  );
  if (able !== undefined) {
    faults.push(`${name} is missed although a run at ${iso(able.startedMs)} could extract it`);
  }
  return faults;
}

/** A copy must say what the truth was at its createTime, and a settled one the truth itself. */
async function judgeHeld(
  { world, sink }: PlayedWorld,
  slice: JudgedSlice,
  { copy, columns }: HeldSlice,
): Promise<string[]> {
  const { stream, account, date, name } = slice;
  const dataSource = stream.aggregate?.dataSource;
  if (dataSource === undefined) return [];
  const asOfMs = copy.settled && copy.complete ? FAR_FUTURE_MS : copy.createTimeMs;
  const question = { account: accountKey(account), dataSource, from: date, to: date };
  const [row] = await world.simulator.truth({ ...question, asOfMs });
  const truth = copy.complete ? row?.totals : row?.answerable;
  return Object.entries(truth ?? {}).flatMap(([metric, total]) => {
    const got = sink.total(name, metric);
    if (!columns.includes(metric) || got === BigInt(total)) return [];
    return [`${name} has ${metric} ${got} where the truth is ${total} (${JSON.stringify(copy)})`];
  });
}

/** Executions of an account at a time, and so creates that can be on their way when a run dies. */
const SLOTS = 5;

/**
 * No slice may be created while an execution of it was still active. The one exception: a create
 * that was on its way when its run died, and that the list did not show yet, at most one a slot.
 */
function doubleCreates({ executions, runs }: PlayedWorld): string[] {
  const lastOf = new Map<string, number>();
  const excused = new Map<string, number>();
  const faults: string[] = [];
  for (const { account, workflowId, createTime } of executions) {
    const parts = parseWorkflowId(workflowId);
    if (parts === undefined) continue;
    const name = `${parts.stream} ${account} ${parts.eventDate} ${parts.fingerprint}`;
    const createMs = Date.parse(createTime);
    const lastMs = lastOf.get(name);
    lastOf.set(name, createMs);
    if (lastMs === undefined || createMs >= lastMs + EXECUTION_MS) continue;
    const death = deathAt(runs, lastMs);
    const key = `${account} ${death}`;
    excused.set(key, (excused.get(key) ?? 0) + 1);
    if (death !== undefined && (excused.get(key) ?? 0) <= SLOTS) continue;
    faults.push(`${name} was created at ${createTime} while one of ${iso(lastMs)} was active`);
  }
  return faults;
}

/** The run that died when an execution was being created: at its end, or as the next one began. */
function deathAt(runs: PlayedWorld['runs'], createMs: number): number | undefined {
  const index = runs.findIndex(
    ({ hasDied, endedMs }, at) =>
      hasDied && (createMs === endedMs || createMs === runs[at + 1]?.startedMs),
  );
  return index === -1 ? undefined : index;
}

function timingOf({ stream, date, account }: JudgedSlice) {
  return sliceTiming(stream.timing, windowOf(date, account.timeZone));
}

function iso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
