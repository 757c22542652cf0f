import { addDays } from '@traffic-events/slice';
import type { EventDate, PartitionState } from '@traffic-events/slice';

import { heldCopy, withClosed } from './partition.ts';
import type { Closing } from './plan-partition.ts';

/** How a changed definition is accepted. */
export type Acceptance = 'from_next_date' | 'reextract';

export interface AcceptedDefinition {
  readonly partition: PartitionState;
  /** Slices that close on the copy of the former definition. */
  readonly closings: readonly Closing[];
}

/**
 * The partition under a new definition. Executions of the former one in flight are dropped: only
 * executions of the same fingerprint are taken over.
 */
export function acceptDefinition(
  partition: PartitionState,
  fingerprint: string,
  acceptance: Acceptance,
  reach: EventDate,
): AcceptedDefinition {
  const fresh = { ...partition, fingerprint, in_flight: [] };
  return acceptance === 'reextract'
    ? { partition: reopened(fresh, reach), closings: [] }
    : closedOnCopies(fresh);
}

/** What has a copy of the former definition keeps it; dates without one follow the new one. */
function closedOnCopies(partition: PartitionState): AcceptedDefinition {
  let state = partition;
  const closings: Closing[] = [];
  for (const [eventDate, held] of Object.entries(partition.tail)) {
    if (held.status !== 'open' || heldCopy(held) === undefined) continue;
    const reason = 'a new definition was accepted from the next event date on';
    closings.push({ eventDate, status: 'frozen', reason, held });
    state = withClosed(state, eventDate, 'frozen');
  }
  return { partition: state, closings };
}

/** Everything that can still be had whole is open again, as if it had never been extracted. */
function reopened(partition: PartitionState, reach: EventDate): PartitionState {
  const { since, bookmark } = partition;
  const before = addDays(reach, -1);
  const tail = Object.fromEntries(Object.entries(partition.tail).filter(([date]) => date < reach));
  const passed = bookmark !== null && bookmark > before ? before : bookmark;
  return { ...partition, tail, bookmark: passed !== null && passed >= since ? passed : null };
}
