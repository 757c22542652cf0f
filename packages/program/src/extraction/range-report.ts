import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { daysBetween } from '@traffic-events/slice';
import type { PartitionChange, PartitionState } from '@traffic-events/slice';
import { closedSpans, partitionOf, withStreams } from '@traffic-events/source';
import type { DateRange, StreamDefinition } from '@traffic-events/source';

/** How much of a backfill's range is final already. */
export interface RangeReport extends DateRange {
  readonly slices: number;
  /** Slices that are closed: their copy stays, and they are not asked for again. */
  readonly closed: number;
}

/** Counts by the state that a run starts from. */
export function rangeReport(
  range: DateRange,
  of: {
    readonly accounts: readonly Account[];
    readonly streams: readonly StreamDefinition[];
    readonly state: readonly PartitionChange[];
  },
): RangeReport {
  const closed = of.accounts.flatMap((account) =>
    [...withStreams(account, of.streams).streams.keys()].map((stream) =>
      closedDates(partitionOf(of.state, stream, accountKey(account)), range),
    ),
  );
  const dates = daysBetween(range.from, range.to) + 1;
  return {
    ...range,
    slices: closed.length * dates,
    closed: closed.reduce((sum, count) => sum + count, 0),
  };
}

function closedDates(partition: PartitionState | undefined, { from, to }: DateRange): number {
  const spans = partition === undefined ? [] : closedSpans(partition);
  return spans
    .map(([first, last]) => [first > from ? first : from, last < to ? last : to] as const)
    .reduce((sum, [first, last]) => sum + Math.max(0, daysBetween(first, last) + 1), 0);
}

/** For people; undefined where nothing is final yet. */
export function describeRange({ from, to, slices, closed }: RangeReport): string | undefined {
  if (closed === 0) return undefined;
  const what = `${from} to ${to}`;
  if (closed === slices) {
    return `${what} is held already: all ${slices} slices are closed, and none is asked for again.`;
  }
  return `Of ${what}, ${closed} of ${slices} slices are held already: they are closed, and not asked for again.`;
}
