import { closingId, datesBetween, describeSlice } from '@traffic-events/slice';
import type { PartitionState } from '@traffic-events/slice';

import { isClosed } from '../state/partition.ts';
import type { MemorySink } from './memory-sink.ts';

/** What the state of a sink says is there or closed, and is not; one line each. */
export function untrueClaims({ savedState, slices, ledgerRows }: MemorySink): string[] {
  const entered = new Set(ledgerRows.map(({ extraction_id }) => extraction_id));
  return savedState.flatMap(({ stream, accountId, state }) =>
    claimedDates(state)
      .map((eventDate) => ({ stream, accountId, eventDate }))
      .filter(
        (slice) =>
          !slices.has(describeSlice(slice)) &&
          !entered.has(closingId(stream, accountId, slice.eventDate)),
      )
      .map((slice) => `the state claims ${describeSlice(slice)}, which is not there`),
  );
}

function claimedDates(state: PartitionState): string[] {
  const held = Object.entries(state.tail)
    .filter(([, entry]) => entry.execution_id !== null)
    .map(([date]) => date);
  const last = [state.bookmark ?? state.since, ...held, ...(state.closed ?? []).flat()].reduce(
    (a, b) => (a > b ? a : b),
  );
  const first = [state.since, ...held, ...(state.closed ?? []).flat()].reduce((a, b) =>
    a < b ? a : b,
  );
  const closed = [...datesBetween(first, last)].filter((date) => isClosed(state, date));
  return [...new Set([...held, ...closed])];
}
