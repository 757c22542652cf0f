import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import type { InFlightExecution, InstantMs, PartitionState } from '@traffic-events/slice';

import type { AccountStream } from './account-streams.ts';
import { isOpen, tailEntry } from './partition.ts';
import { isOfStream } from './renamed-definition.ts';
import { DAY_MS } from './timing.ts';
import { parseWorkflowId } from './workflow-id.ts';

/** How far back the API's list is read: executions end within 6 hours (API.md 1.4), queues aside. */
const LOOK_BACK_MS = DAY_MS;

/** An execution whose workflowId says which slice it is of. */
export interface ListedExecution {
  readonly stream: string;
  readonly eventDate: string;
  readonly workflowId: string;
  readonly execution: WorkflowExecution;
}

/** What the API lists of this project's executions. */
export interface OwnExecutions {
  /** Those of the same definitions that may be taken over, the newest of each slice. */
  readonly latest: readonly ListedExecution[];
  /** When each of them all was created. */
  readonly createTimesMs: readonly InstantMs[];
}

/** Reads the API's list as far back as anything of it can be of use. */
export async function listOwn(options: {
  readonly account: AccountClient;
  readonly streams: ReadonlyMap<string, AccountStream>;
  readonly partition: (stream: string) => PartitionState | undefined;
  readonly nowMs: InstantMs;
  readonly signal: AbortSignal;
}): Promise<OwnExecutions> {
  const { account, nowMs, signal } = options;
  const newest = new Map<string, ListedExecution>();
  const createTimesMs: InstantMs[] = [];
  const filter = { minCreationTimeMs: nowMs - LOOK_BACK_MS };
  for await (const execution of account.listExecutions(filter, { signal })) {
    const isOwn = parseWorkflowId(execution.workflowId ?? '') !== undefined;
    if (isOwn && execution.createTimeMs !== null) createTimesMs.push(execution.createTimeMs);
    const listed = listedOf(execution, options);
    if (listed === undefined) continue;
    const key = `${listed.stream} ${listed.eventDate}`;
    if (isNewer(execution, newest.get(key)?.execution)) newest.set(key, listed);
  }
  return { latest: [...newest.values()], createTimesMs };
}

/**
 * Whether the state does not know of an execution that it would have use for: its run died between
 * the create and the delivery of its state.
 */
export function isOrphan(
  { eventDate, execution }: ListedExecution,
  partition: PartitionState | undefined,
): boolean {
  if (partition === undefined || !isOpen(partition, eventDate)) return false;
  const entry = tailEntry(partition, eventDate);
  if (partition.in_flight.some((known) => known.event_date === eventDate)) return false;
  if (entry.last_create_time === null || execution.createTimeMs === null) return true;
  return execution.createTimeMs > Date.parse(entry.last_create_time);
}

/** Whether an execution of the state may still be taken over. */
export function isAdoptable(execution: InFlightExecution, nowMs: InstantMs): boolean {
  return execution.expire_time === null || Date.parse(execution.expire_time) > nowMs;
}

function listedOf(
  execution: WorkflowExecution,
  { streams, partition }: Pick<Parameters<typeof listOwn>[0], 'streams' | 'partition'>,
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
