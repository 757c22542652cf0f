import { addDays } from './event-date.ts';
import type { EventDate } from './event-date.ts';

/** Event dates from the first to the second, both included; never one that runs backwards. */
export type DateSpan = readonly [from: EventDate, to: EventDate];

/** The same dates in as few spans as can be, earliest first. */
export function joinSpans(spans: readonly DateSpan[]): DateSpan[] {
  const joined: [EventDate, EventDate][] = [];
  for (const [from, to] of spans.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || addDays(last[1], 1) < from) joined.push([from, to]);
    else if (last[1] < to) last[1] = to;
  }
  return joined;
}

/** Spans of single dates, in any order. */
export function spansOf(dates: readonly EventDate[]): DateSpan[] {
  return joinSpans(dates.map((date) => [date, date]));
}

/** The span that a date is in; undefined where it is in none. */
export function spanAt(spans: readonly DateSpan[], date: EventDate): DateSpan | undefined {
  return spans.find(([from, to]) => from <= date && date <= to);
}

/** What is left of the spans without the dates of one. */
export function withoutSpan(spans: readonly DateSpan[], [from, to]: DateSpan): DateSpan[] {
  return spans.flatMap(([start, end]): DateSpan[] => {
    if (end < from || to < start) return [[start, end]];
    return [
      ...(start < from ? [[start, addDays(from, -1)] as const] : []),
      ...(to < end ? [[addDays(to, 1), end] as const] : []),
    ];
  });
}
