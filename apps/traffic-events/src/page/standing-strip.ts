import { addDays, daysBetween } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import { html } from 'hono/html';
import { DATE_STANDINGS } from '../status/calendar.ts';
import type { Calendar, DateStanding } from '../status/calendar.ts';
import { counted } from './figures.ts';
import type { Html } from './page-document.ts';

/** Dates that a strip shows, both ends included. */
export interface StripRange {
  readonly from: EventDate;
  readonly to: EventDate;
}

export function standingName(standing: DateStanding): string {
  return standing.replace('_', ' ');
}

/** Every date of a range as a line of colours, a path for each way in which dates stand. */
export function standingStrip(calendar: Calendar, range: StripRange): Html {
  const days = daysBetween(range.from, range.to) + 1;
  const shown = calendar.flatMap(({ from, to, standing }) => {
    const first = Math.max(0, daysBetween(range.from, from));
    const last = Math.min(days - 1, daysBetween(range.from, to));
    return last < first ? [] : [{ standing, first, length: last - first + 1 }];
  });
  const groups = Map.groupBy(shown, ({ standing }) => standing);
  const counts = DATE_STANDINGS.flatMap((standing) => {
    const count = groups.get(standing)?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    return count === 0 ? [] : [`${count} ${standingName(standing)}`];
  });
  const paths = layersOf(groups, hasGaps(shown)).map(
    ([standing, spans]) => html`<path class="${standing}" d="${strokesOf(spans)}"/>`,
  );
  return html`<svg class="strip" viewBox="0 -1 ${days} 2" preserveAspectRatio="none" role="img" aria-label="${counts.join(', ') || 'no dates'}">${paths}</svg>`;
}

interface Span {
  readonly first: number;
  readonly length: number;
}

function hasGaps(spans: readonly Span[]): boolean {
  return spans.some(({ first }, index) => {
    const before = spans[index - 1];
    return before !== undefined && before.first + before.length !== first;
  });
}

/** Where no date is left out, the most broken line lies whole below the others: shorter to say. */
function layersOf<Name>(
  groups: ReadonlyMap<Name, readonly Span[]>,
  isBroken: boolean,
): (readonly [Name, readonly Span[]])[] {
  const [lowest, ...others] = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  const [first, last] = [lowest?.[1].at(0), lowest?.[1].at(-1)];
  if (isBroken || lowest === undefined || first === undefined || last === undefined) {
    return [...groups];
  }
  const whole = { first: first.first, length: last.first + last.length - first.first };
  return [[lowest[0], [whole]], ...others];
}

/** Strokes of a line, each begun where the one before has ended: short, as there may be many. */
function strokesOf(spans: readonly Span[]): string {
  const strokes = spans.map(({ first, length }, index) => {
    const before = spans[index - 1];
    const end = before === undefined ? 0 : before.first + before.length;
    return `m${first - end} 0h${length}`;
  });
  return strokes.join('');
}

/** What the colours mean, and how many dates stand so. */
export function standingLegend(counts: ReadonlyMap<DateStanding, number>): Html {
  const items = DATE_STANDINGS.map(
    (standing) =>
      html`<li><i class="${standing}"></i>${standingName(standing)}: ${counted(counts.get(standing) ?? 0, 'date')}</li>`,
  );
  return html`<ul class="legend">${items}</ul>`;
}

/** Dates of calendars by how they stand. */
export function standingCounts(calendars: readonly Calendar[]): Map<DateStanding, number> {
  const counts = new Map<DateStanding, number>();
  for (const { from, to, standing } of calendars.flat()) {
    counts.set(standing, (counts.get(standing) ?? 0) + daysBetween(from, to) + 1);
  }
  return counts;
}

/** The last two years of what there is, up to the last of the calendars' dates. */
export function stripRange(calendars: readonly Calendar[]): StripRange | undefined {
  const [from] = calendars.flatMap((calendar) => calendar.at(0)?.from ?? []).sort();
  const to = calendars
    .flatMap((calendar) => calendar.at(-1)?.to ?? [])
    .sort()
    .at(-1);
  if (from === undefined || to === undefined) return undefined;
  const earliest = addDays(to, 1 - LONGEST_DAYS);
  return { from: from > earliest ? from : earliest, to };
}

const LONGEST_DAYS = 731;
