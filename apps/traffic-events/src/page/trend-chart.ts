import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { EventDate } from '@traffic-events/slice';
import { html } from 'hono/html';
import type { Html } from './page-document.ts';

/** A date of a chart. */
export interface ChartPoint {
  readonly eventDate: EventDate;
  /** Null where it is not known: the line has a gap. */
  readonly value: number | null;
  /** Share that is withheld, 0 to 1. */
  readonly withheld: number | null;
  /** Class of the colour by which its slice stands; none where the ledger does not know it. */
  readonly standing: string | null;
  /** At which its value is read; none where nothing is held. */
  readonly grain: string | null;
}

interface ChartContent {
  /** What is told to those who do not see it. */
  readonly label: string;
  readonly points: readonly ChartPoint[];
  /** How a value of the axis is written. */
  readonly format: (value: number) => string;
}

const WIDTH = 420;
const [LEFT, RIGHT, TOP] = [58, 14, 8];
const PLOT_BOTTOM = 136;
const [SHARE_TOP, SHARE_BOTTOM] = [158, 182];
const [BAND_TOP, BAND_HEIGHT] = [188, 8];
const HEIGHT = 200;
const HALF_DAY_MS = 43_200_000;

const atOf = ({ eventDate }: ChartPoint) => Date.parse(`${eventDate}T00:00:00Z`);

/** A line of values by date; below it the share that is withheld, and how each date stands. */
export function trendChart({ label, points, format }: ChartContent): Html {
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined) return html``;
  const x = scaleUtc([atOf(first) - HALF_DAY_MS, atOf(last) + HALF_DAY_MS], [LEFT, WIDTH - RIGHT]);
  const known = points.flatMap(({ value }) => value ?? []);
  const y = scaleLinear([0, Math.max(...known, 0) || 1], [PLOT_BOTTOM, TOP]).nice(4);
  const path = line<ChartPoint>()
    .defined(({ value }) => value !== null)
    .x((point) => x(atOf(point)))
    .y(({ value }) => y(value ?? 0))
    .digits(1);
  const grid = y
    .ticks(4)
    .map(
      (value) =>
        html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${format(value)}</text>`,
    );
  const dates = x
    .ticks(4)
    .map(
      (date) =>
        html`<text x="${x(date).toFixed(1)}" y="${PLOT_BOTTOM + 17}" text-anchor="middle">${date.toISOString().slice(5, 10)}</text>`,
    );
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${grid}${dates}<path class="value" d="${path(points) ?? ''}"/>${lonelyDots(points, (point) => x(atOf(point)), y)}${withheldArea(points, x)}${standingBand(points, x)}${grainChanges(points, x)}</svg>`;
}

/** A date between two gaps has no line. */
function lonelyDots(
  points: readonly ChartPoint[],
  x: (point: ChartPoint) => number,
  y: (value: number) => number,
): Html[] {
  return points.flatMap((point, index) => {
    const neighbours = [points[index - 1]?.value ?? null, points[index + 1]?.value ?? null];
    if (point.value === null || neighbours.some((value) => value !== null)) return [];
    return [
      html`<circle class="dot" cx="${x(point).toFixed(1)}" cy="${y(point.value).toFixed(1)}" r="2.5"/>`,
    ];
  });
}

function withheldArea(points: readonly ChartPoint[], x: (ms: number) => number): Html {
  const share = scaleLinear([0, 1], [SHARE_BOTTOM, SHARE_TOP]);
  const path = area<ChartPoint>()
    .defined(({ withheld }) => withheld !== null)
    .x((point) => x(atOf(point)))
    .y0(SHARE_BOTTOM)
    .y1(({ withheld }) => share(withheld ?? 0))
    .digits(1);
  return html`<text x="${LEFT - 6}" y="${SHARE_BOTTOM - 8}" text-anchor="end">withheld</text><line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${SHARE_BOTTOM}" y2="${SHARE_BOTTOM}"/><path class="withheld" d="${path(points) ?? ''}"/>`;
}

function standingBand(points: readonly ChartPoint[], x: (ms: number) => number): Html[] {
  const groups = Map.groupBy(points, ({ standing }) => standing);
  return [...groups].flatMap(([standing, own]) => {
    if (standing === null) return [];
    const bars = own.map((point) => {
      const [left, right] = [-HALF_DAY_MS, HALF_DAY_MS].map((ms) => x(atOf(point) + ms).toFixed(1));
      return `M${left} ${BAND_TOP}H${right}v${BAND_HEIGHT}H${left}z`;
    });
    return [html`<path class="${standing}" d="${bars.join('')}"/>`];
  });
}

/** Where the grain changes, values before and after are not alike: a line, with the grain that begins. */
function grainChanges(points: readonly ChartPoint[], x: (ms: number) => number): Html[] {
  const read = points.filter(({ grain }) => grain !== null);
  return read.flatMap((point, index) => {
    const before = read[index - 1];
    if (before === undefined || before.grain === point.grain) return [];
    const left = x(atOf(point) - HALF_DAY_MS).toFixed(1);
    return [
      html`<line class="change" x1="${left}" x2="${left}" y1="${TOP}" y2="${BAND_TOP}"/><text x="${left}" y="${TOP}" text-anchor="middle">${point.grain}</text>`,
    ];
  });
}
