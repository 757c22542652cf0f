import { datesBetween, describeRange, joinSpans, spansOf } from '@traffic-events/slice';
import type { DateSpan, EventDate, PartitionState } from '@traffic-events/slice';

/** A partition of the state that a tap was given. */
export interface ClaimedPartition {
  readonly stream: string;
  readonly accountId: string;
  readonly state: PartitionState;
}

/** Dates of a stream and account that the ledger has something about, failures apart. */
export type KnownDates = (stream: string, accountId: string) => ReadonlySet<EventDate>;

/** By rows of the ledger. */
export function knownDates(
  rows: readonly {
    readonly stream: string;
    readonly account_id: string;
    readonly event_date: EventDate;
  }[],
): KnownDates {
  const dates = Map.groupBy(rows, (row) => JSON.stringify([row.stream, row.account_id]));
  return (stream, accountId) =>
    new Set(dates.get(JSON.stringify([stream, accountId]))?.map((row) => row.event_date));
}

/**
 * What the state claims and the ledger does not know, as ranges for people:
 * `dsp_clicks DE:dsp:1234 2026-01-01 to 2026-01-05`. Empty when the warehouse has all of it.
 */
export function missingClaims(
  partitions: readonly ClaimedPartition[],
  known: KnownDates,
): string[] {
  return partitions.flatMap((partition) => {
    const dates = known(partition.stream, partition.accountId);
    const missing = claimedDates(partition.state).filter((date) => !dates.has(date));
    return spansOf(missing).map(
      ([from, to]) => `${partition.stream} ${partition.accountId} ${describeRange(from, to)}`,
    );
  });
}

/** Every closed date, and every later one that a copy is said to be held of. */
function claimedDates({ since, bookmark, closed = [], tail }: PartitionState): EventDate[] {
  const passed: DateSpan[] = bookmark === null ? [] : [[since, bookmark]];
  const spans = joinSpans([...passed, ...closed]);
  const held = Object.entries(tail)
    .filter(([, entry]) => entry.execution_id !== null || entry.status !== 'open')
    .map(([date]) => date);
  return [...new Set([...spans.flatMap(([from, to]) => [...datesBetween(from, to)]), ...held])];
}
