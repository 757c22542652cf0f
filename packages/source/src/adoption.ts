import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import type { InFlightExecution, InstantMs, PartitionState } from '@traffic-events/slice';

import type { AccountStream } from './account-streams.ts';
import { firstOpenDate, tailEntry } from './partition.ts';
import { DAY_MS } from './timing.ts';
import { parseWorkflowId } from './workflow-id.ts';

/** How far back the API's list is read: executions end within 6 hours (API.md 1.4), queues aside. */
const LOOK_BACK_MS = DAY_MS;

/** An execution of an earlier run that is taken over. */
export interface Orphan {
  readonly stream: string;
  readonly eventDate: string;
  readonly workflowId: string;
  readonly execution: WorkflowExecution;
}

/**
 * Executions that the API lists, that this project created with the same definitions, and that the
 * state does not know: a run died between a create and the delivery of its state.
 */
export async function findOrphans(options: {
  readonly account: AccountClient;
  readonly streams: ReadonlyMap<string, AccountStream>;
  readonly partition: (stream: string) => PartitionState | undefined;
  readonly nowMs: InstantMs;
  readonly signal: AbortSignal;
}): Promise<Orphan[]> {
  const { account, streams, partition, nowMs, signal } = options;
  const newest = new Map<string, Orphan>();
  const filter = { minCreationTimeMs: nowMs - LOOK_BACK_MS };
  for await (const execution of account.listExecutions(filter, { signal })) {
    const orphan = orphanOf(execution, streams);
    if (orphan === undefined || !isUnknown(orphan, partition(orphan.stream))) continue;
    const key = `${orphan.stream} ${orphan.eventDate}`;
    if (isNewer(execution, newest.get(key)?.execution)) newest.set(key, orphan);
  }
  return [...newest.values()];
}

/** Whether an execution of the state may still be taken over. */
export function isAdoptable(execution: InFlightExecution, nowMs: InstantMs): boolean {
  return execution.expire_time === null || Date.parse(execution.expire_time) > nowMs;
}

function orphanOf(
  execution: WorkflowExecution,
  streams: ReadonlyMap<string, AccountStream>,
): Orphan | undefined {
  if (execution.state === 'failed' || execution.workflowId === null) return undefined;
  const parts = parseWorkflowId(execution.workflowId);
  if (parts === undefined) return undefined;
  if (streams.get(parts.stream)?.fingerprint !== parts.fingerprint) return undefined;
  const { stream, eventDate } = parts;
  return { stream, eventDate, workflowId: execution.workflowId, execution };
}

/** Open, not in flight, and newer than what the state says was extracted last. */
function isUnknown({ eventDate, execution }: Orphan, partition: PartitionState | undefined) {
  if (partition === undefined) return true;
  const entry = tailEntry(partition, eventDate);
  if (eventDate < firstOpenDate(partition) || entry.status !== 'open') return false;
  if (partition.in_flight.some((known) => known.event_date === eventDate)) return false;
  if (entry.last_create_time === null || execution.createTimeMs === null) return true;
  return execution.createTimeMs > Date.parse(entry.last_create_time);
}

function isNewer(execution: WorkflowExecution, other: WorkflowExecution | undefined): boolean {
  return (execution.createTimeMs ?? 0) >= (other?.createTimeMs ?? 0);
}
