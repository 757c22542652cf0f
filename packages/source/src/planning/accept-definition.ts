import { datesBetween } from '@traffic-events/slice';
import type { EventDate, PartitionState, TailEntry } from '@traffic-events/slice';

import {
  closedSpans,
  HELD_OF_FORMER,
  passClosed,
  withClosed,
  withoutClosed,
} from '../state/partition.ts';
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
  const fresh = { ...ofFormer(partition), fingerprint, in_flight: [] };
  return acceptance === 'reextract'
    ? { partition: reopened(fresh, reach), closings: [] }
    : closedOnCopies(fresh);
}

/**
 * What has a sound copy of the former definition keeps it. Dates without one follow the new one: a copy
 * that is not whole, in doubt, or of a bundle that nothing has proven is nothing to close on while a
 * better one can be had.
 */
function closedOnCopies(partition: PartitionState): AcceptedDefinition {
  const open = Object.entries(partition.tail).filter(([, { status }]) => status === 'open');
  const followed = open
    .filter(([, entry]) => !isSound(entry, partition))
    .map(([date, entry]): [EventDate, TailEntry] => [date, { ...entry, ...NOT_ASKED }]);
  let state = { ...partition, tail: { ...partition.tail, ...Object.fromEntries(followed) } };
  const closings: Closing[] = [];
  for (const [eventDate, held] of open) {
    if (!isSound(held, partition)) continue;
    const reason = 'a new definition was accepted from the next event date on';
    closings.push({ eventDate, status: 'frozen', reason, held });
    state = withClosed(state, eventDate, 'frozen');
  }
  return { partition: state, closings };
}

function isSound(entry: TailEntry, { bundle: record }: PartitionState): boolean {
  const { execution_id: id, complete, suspect, bundle } = entry;
  const isProven = bundle === undefined || (record?.shape === bundle && record.proof === 'good');
  return id !== null && complete && !suspect && isProven;
}

/** The copies say which definition they show: their sums are not to be compared with later ones. */
function ofFormer(partition: PartitionState): PartitionState {
  const { fingerprint } = partition;
  const tail = Object.entries(partition.tail).map(([date, entry]): [EventDate, TailEntry] => [
    date,
    entry.execution_id === null
      ? entry
      : { ...entry, fingerprint: entry.fingerprint ?? fingerprint },
  ]);
  return { ...partition, tail: Object.fromEntries(tail) };
}

/** Everything that can still be had whole is open again; a copy is held until a better one comes. */
function reopened(partition: PartitionState, reach: EventDate): PartitionState {
  const { since, tail } = partition;
  const entries = Object.entries(tail);
  const before = entries.filter(([date]) => date < reach);
  const kept = entries
    .filter(([date, entry]) => date >= reach && (entry.execution_id !== null || date < since))
    .map(([date, entry]): [EventDate, TailEntry] => [date, { ...entry, ...NOT_ASKED }]);
  const open = withoutClosed({ ...partition, tail: Object.fromEntries(before) }, [
    reach,
    LAST_DATE,
  ]);
  const closed = closedSpans(partition)
    .flatMap(([from, to]) => [...datesBetween(from > reach ? from : reach, to)])
    .map((date): [EventDate, TailEntry] => [date, HELD_OF_FORMER]);
  return passClosed({
    ...open,
    tail: { ...open.tail, ...Object.fromEntries([...closed, ...kept]) },
  });
}

const LAST_DATE: EventDate = '9999-12-31';

/** As if it had never been asked for by this definition. */
const NOT_ASKED = {
  status: 'open',
  last_create_time: null,
  attempts: 0,
  next_try: null,
  last_failure: undefined,
  failed_create_time: undefined,
} as const;
