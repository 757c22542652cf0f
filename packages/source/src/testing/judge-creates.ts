import { parseWorkflowId } from '../running/workflow-id.ts';
import type { PlayedRun } from './play-run.ts';
import type { PlayedWorld } from './play-world.ts';
import type { ListedSimulation } from './world.ts';

/** Executions of an account at a time, and so creates that can be on their way when a run dies. */
const SLOTS = 5;

/** What does not end may be asked for again after this time. */
const SHORTEST_FOLLOW_MS = 3_600_000;

/** No more executions at a time than are allowed, and none of a slice while one of it was active. */
export function judgeCreates(played: PlayedWorld): string[] {
  const byAccount = Map.groupBy(played.executions, ({ account }) => account);
  return [...byAccount.values()].flatMap((executions) => [
    ...tooMany(executions, played),
    ...doubles(executions, played),
  ]);
}

function tooMany(executions: readonly ListedSimulation[], played: PlayedWorld): string[] {
  return executions.flatMap(({ account, createTime }) => {
    const atMs = Date.parse(createTime);
    const active = executions.filter(
      (other) => Date.parse(other.createTime) <= atMs && activeUntilMs(other, played) > atMs,
    );
    return active.length <= SLOTS
      ? []
      : [`${account} had ${active.length} active executions at ${createTime}`];
  });
}

/**
 * No slice may be created while an execution of it was still active. The exceptions: a create that
 * was on its way when its run died or whose answer was lost, and that the list does not show, at most
 * one a slot and death, or one an answer; and what never ends.
 */
function doubles(executions: readonly ListedSimulation[], played: PlayedWorld): string[] {
  const { runs } = played;
  const lastOf = new Map<string, ListedSimulation>();
  const excused = new Map<PlayedRun, number>();
  return executions.flatMap((execution) => {
    const { account, workflowId, createTime } = execution;
    const parts = parseWorkflowId(workflowId);
    if (parts === undefined) return [`${account} created ${workflowId}, which names no slice`];
    const name = `${parts.stream} ${account} ${parts.eventDate} ${parts.fingerprint}`;
    const createMs = Date.parse(createTime);
    const last = lastOf.get(name);
    lastOf.set(name, execution);
    if (last === undefined || createMs >= activeUntilMs(last, played)) return [];
    const lastMs = Date.parse(last.createTime);
    if (isEndless(last) && createMs >= lastMs + SHORTEST_FOLLOW_MS) return [];
    const run = runs.findLast(({ startedMs }) => startedMs <= lastMs);
    const count = run === undefined ? 0 : (excused.get(run) ?? 0) + 1;
    if (run !== undefined) excused.set(run, count);
    if (run !== undefined && count <= excusesOf(run, last, createMs, played)) return [];
    return [`${name} was created at ${createTime} while one of ${last.createTime} was active`];
  });
}

/** How many executions of a run may not have been known to the run that created another. */
function excusesOf(
  run: PlayedRun,
  { account, createTime }: ListedSimulation,
  againMs: number,
  { runs, planned }: PlayedWorld,
): number {
  const lastMs = Date.parse(createTime);
  const next = runs[runs.indexOf(run) + 1];
  const isOnItsWay = lastMs === run.endedMs || lastMs === next?.startedMs;
  const again = runs.findLast(({ startedMs }) => startedMs <= againMs);
  const mayListLack =
    Object.keys(planned.behaviour).some((name) => name.startsWith('list')) ||
    [run, again].some((each) => each?.plan.troubles.some(({ kind }) => LISTS.has(kind)) === true);
  const isForgotten = run.hasDied || next?.plan.stateLost === true;
  const lost = run.struck.filter(
    (each) =>
      each.operation === 'create' && each.account === account && LOSSES.has(each.fault.kind),
  );
  return (isForgotten && (isOnItsWay || mayListLack) ? SLOTS : 0) + (mayListLack ? lost.length : 0);
}

/** Troubles in which a list may fail. */
const LISTS: ReadonlySet<string> = new Set(['seeded', 'strikes', 'cut']);
/** Faults after which nobody knows whether a create has taken effect. */
const LOSSES: ReadonlySet<string> = new Set(['answer_lost', 'malformed', 'truncated']);

/** What is refused or cancelled ends as it would have begun to run, after a fifth of its time. */
const PENDING_SHARE = 0.2;

function activeUntilMs(execution: ListedSimulation, { planned }: PlayedWorld): number {
  if (isEndless(execution)) return Infinity;
  const share = ['REJECTED', 'CANCELLED'].includes(execution.status) ? PENDING_SHARE : 1;
  return Date.parse(execution.createTime) + planned.executionMs * share;
}

/** Long after its create, when the world has ended. */
function isEndless({ status }: ListedSimulation): boolean {
  return status === 'RUNNING';
}
