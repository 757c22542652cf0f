import { TrafficEventsError } from '@traffic-events/client';
import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import type { InFlightExecution, InstantMs, PartitionState } from '@traffic-events/slice';

import type { AccountStream } from '../streams/account-streams.ts';
import { isUnanswered } from './failure.ts';
import { isOpen, tailEntry } from '../state/partition.ts';
import { isOfStream } from '../state/renamed-definition.ts';
import { DAY_MS } from '../streams/timing.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { parseWorkflowId } from './workflow-id.ts';

/** How far back the API's list is read: executions end within 6 hours (API.md 1.4), queues aside. */
const LOOK_BACK_MS = DAY_MS;

/** Entries of a list that lack a field and are asked for one by one; the others count as unknown. */
const MAX_ASKED = 100;

/** An execution whose workflowId says which slice it is of. */
export interface ListedExecution {
  readonly stream: string;
  readonly eventDate: string;
  readonly workflowId: string;
  readonly execution: WorkflowExecution;
}

/** What the API lists of this project's executions. */
export interface OwnExecutions {
  /** Those of the same definitions that the state does not know, the newest of each slice. */
  readonly latest: readonly ListedExecution[];
  /** Those of several streams that the state does not know. */
  readonly bundles: readonly ListedExecution[];
  /** When each of them all was created; the moment of the list for one that runs and is undated. */
  readonly createTimesMs: readonly InstantMs[];
  /** How long those took that ended with a result. */
  readonly durationsMs: readonly number[];
}

export interface ListOptions {
  readonly account: AccountClient;
  readonly streams: ReadonlyMap<string, AccountStream>;
  readonly partition: (stream: string) => PartitionState | undefined;
  readonly nowMs: InstantMs;
  readonly signal: AbortSignal;
  /** Told why the list may lack executions, where it had some and then went wrong. */
  readonly onDoubt: (reason: string) => void;
}

/** Reads the API's list as far back as anything of it can be of use. */
export async function listOwn(options: ListOptions): Promise<OwnExecutions> {
  const newest = new Map<string, ListedExecution>();
  const bundles: ListedExecution[] = [];
  const createTimesMs: InstantMs[] = [];
  const durationsMs: number[] = [];
  const known = knownIds(options);
  for await (const execution of wholeEntries(options, known)) {
    const parts = parseWorkflowId(execution.workflowId ?? '');
    if (parts === undefined) continue;
    const undatedMs = execution.state === 'active' ? [options.nowMs] : [];
    createTimesMs.push(...(execution.createTimeMs === null ? undatedMs : [execution.createTimeMs]));
    durationsMs.push(...durationOf(execution));
    if (known.has(execution.id) || execution.state === 'failed') continue;
    if (parts.stream === BUNDLE_STREAM) {
      const { eventDate, stream } = parts;
      bundles.push({ stream, eventDate, workflowId: execution.workflowId ?? '', execution });
      continue;
    }
    const listed = listedOf(execution, options);
    if (listed === undefined) continue;
    const key = `${listed.stream} ${listed.eventDate}`;
    if (isNewer(execution, newest.get(key)?.execution)) newest.set(key, listed);
  }
  return { latest: [...newest.values()], bundles, createTimesMs, durationsMs };
}

/** None where it is not known. What has ended is changed no more: its last change is its end. */
export function durationOf(execution: WorkflowExecution): number[] {
  const { state, createTimeMs, lastUpdatedTimeMs } = execution;
  if (state !== 'succeeded' || createTimeMs === null || lastUpdatedTimeMs === null) return [];
  return lastUpdatedTimeMs > createTimeMs ? [lastUpdatedTimeMs - createTimeMs] : [];
}

/**
 * Whether the state does not know of an execution that it would have use for: its run died between
 * the create and the delivery of its state. What is finished and has no date may be anything that
 * was delivered long ago.
 */
export function isOrphan(
  { eventDate, execution }: ListedExecution,
  partition: PartitionState | undefined,
  nowMs: InstantMs,
): boolean {
  if (partition === undefined || !isOpen(partition, eventDate)) return false;
  if (partition.in_flight.some((known) => known.event_date === eventDate)) return false;
  if (execution.expireTimeMs !== null && execution.expireTimeMs <= nowMs) return false;
  if (execution.createTimeMs === null) return execution.state === 'active';
  const { last_create_time: last, failed_create_time: failed } = tailEntry(partition, eventDate);
  const ended = [last, failed].map((instant) => Date.parse(instant ?? ''));
  return !ended.some((endedMs) => endedMs >= (execution.createTimeMs ?? 0));
}

/** Whether an execution of the state may still be taken over. */
export function isAdoptable(execution: InFlightExecution, nowMs: InstantMs): boolean {
  return execution.expire_time === null || Date.parse(execution.expire_time) > nowMs;
}

/** Executions that the state knows the end of, or follows. */
function knownIds({ streams, partition }: ListOptions): ReadonlySet<string> {
  const partitions = [...streams.keys()].flatMap((stream) => partition(stream) ?? []);
  const ids = partitions.flatMap(({ tail, in_flight: inFlight }) => [
    ...inFlight.map((execution) => execution.execution_id),
    ...Object.values(tail).flatMap((entry) => [entry.execution_id, entry.last_execution_id]),
  ]);
  return new Set(ids.filter((id) => id !== null && id !== undefined));
}

/** A list may leave out everything but id and status: what it says too little of is asked for. */
async function* wholeEntries(
  { account, nowMs, signal, onDoubt }: ListOptions,
  known: ReadonlySet<string>,
): AsyncGenerator<WorkflowExecution> {
  const filter = { minCreationTimeMs: nowMs - LOOK_BACK_MS };
  let asked = 0;
  for await (const entry of asFarAsItGoes(account.listExecutions(filter, { signal }), onDoubt)) {
    const isWhole = entry.workflowId !== null && entry.createTimeMs !== null;
    const isOthers = entry.workflowId !== null && parseWorkflowId(entry.workflowId) === undefined;
    if (isWhole || isOthers || known.has(entry.id) || asked >= MAX_ASKED) {
      yield entry;
      continue;
    }
    asked += 1;
    const execution = await ask(account, entry, signal);
    if (execution !== undefined) yield execution;
  }
}

/** What a list had before it went wrong, without an end for instance, can still be taken over. */
async function* asFarAsItGoes(
  entries: AsyncIterable<WorkflowExecution>,
  onDoubt: (reason: string) => void,
): AsyncGenerator<WorkflowExecution> {
  let hadAny = false;
  try {
    for await (const entry of entries) {
      hadAny = true;
      yield entry;
    }
  } catch (error) {
    const isPart =
      hadAny && error instanceof TrafficEventsError && error.code === 'response_malformed';
    if (!isPart) throw error;
    onDoubt(error.message);
  }
}

/** Undefined for what the list has and the API will not show. */
async function ask(
  account: AccountClient,
  entry: WorkflowExecution,
  signal: AbortSignal,
): Promise<WorkflowExecution | undefined> {
  try {
    const execution = await account.getExecution(entry.id, { signal });
    return { ...execution, workflowId: execution.workflowId ?? entry.workflowId };
  } catch (error) {
    if (isUnanswered(error) || !(error instanceof TrafficEventsError)) throw error;
    if (error.action === 'fatal') throw error;
    return undefined;
  }
}

function listedOf(
  execution: WorkflowExecution,
  { streams, partition }: ListOptions,
): ListedExecution | undefined {
  if (execution.state === 'failed' || execution.workflowId === null) return undefined;
  const parts = parseWorkflowId(execution.workflowId);
  if (parts === undefined) return undefined;
  const { stream, eventDate, fingerprint } = parts;
  const asked = streams.get(stream);
  if (asked === undefined || !isOfStream(fingerprint, asked, partition(stream))) return undefined;
  return { stream, eventDate, workflowId: execution.workflowId, execution };
}

function isNewer(execution: WorkflowExecution, other: WorkflowExecution | undefined): boolean {
  return (execution.createTimeMs ?? 0) >= (other?.createTimeMs ?? 0);
}
