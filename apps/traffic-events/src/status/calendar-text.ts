import { styleText } from 'node:util';
import { addDays, datesBetween } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import { standingAt, yesterdayOf } from './calendar.ts';
import type { DateStanding } from './calendar.ts';
import type { StreamReport } from './stream-report.ts';

/** As long as the API keeps events, and a day more. */
const DAYS = 31;
const NEVER = ' ';

type Style = Parameters<typeof styleText>[0];

/** Each is told apart without colour as well. */
const GLYPHS: Readonly<Record<DateStanding, readonly [glyph: string, style: Style]>> = {
  whole: ['█', 'green'],
  provisional: ['▒', 'cyan'],
  open: ['·', 'dim'],
  at_risk: ['!', ['bold', 'yellow']],
  frozen: ['F', 'magenta'],
  partial: ['P', 'magenta'],
  missed: ['x', ['bold', 'red']],
};

const LEGEND = Object.entries(GLYPHS).map(
  ([standing, [glyph]]) => `${glyph} ${standing.replace('_', ' ')}`,
);

const NAME_WIDTH = 27;
const WHOLE_HEAD = 'whole to';
const SHARE_HEAD = 'withheld';

/** Whether colours are wanted is asked of the stream that the text goes to, and of NO_COLOR. */
export interface CalendarStyle {
  readonly stream: NodeJS.WriteStream;
}

/** The last month of every stream, up to yesterday of each account's clock. */
export function calendarText(
  reports: readonly StreamReport[],
  nowMs: number,
  { stream }: CalendarStyle,
): string {
  const paint = (style: Style, text: string) => styleText(style, text, { stream });
  const accounts = [...Map.groupBy(reports, ({ account_id: id }) => id)];
  const blocks = accounts.map(([accountId, own]) => {
    const last = yesterdayOf(accountId, nowMs);
    const dates = [...datesBetween(addDays(last, 1 - DAYS), last)];
    return [accountId, ...headLines(dates), ...own.map((each) => streamLine(each, dates, paint))];
  });
  return [...blocks.map((lines) => lines.join('\n')), LEGEND.join('  ')].join('\n\n');
}

function headLines(dates: readonly EventDate[]): string[] {
  const months = dates.map((date, index) => (index === 0 || date.endsWith('-01') ? date : ''));
  const names = months.reduce((line, date, index) => {
    const room = dates.length - index;
    return date === '' || room < 7
      ? line
      : `${line.padEnd(index).slice(0, index)}${date.slice(0, 7)}`;
  }, '');
  const days = dates.map((date) => (isMonday(date) ? '╷' : ' ')).join('');
  const pad = ' '.repeat(NAME_WIDTH + 1);
  return [
    `${pad}${names.padEnd(DAYS)}  ${WHOLE_HEAD.padEnd(10)} ${SHARE_HEAD}`.trimEnd(),
    `${pad}${days}`.trimEnd(),
  ];
}

function isMonday(date: EventDate): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDay() === 1;
}

function streamLine(
  { stream, calendar, newest_whole_date: whole, suppressed_share: share }: StreamReport,
  dates: readonly EventDate[],
  paint: (style: Style, text: string) => string,
): string {
  const name = stream.length > NAME_WIDTH ? `${stream.slice(0, NAME_WIDTH - 1)}…` : stream;
  const days = dates.map((date) => {
    const standing = standingAt(calendar, date);
    if (standing === undefined) return NEVER;
    const [glyph, style] = GLYPHS[standing];
    return paint(style, glyph);
  });
  const percent = share === null ? '' : `${(share * 100).toFixed(1)} %`;
  return `${name.padEnd(NAME_WIDTH)} ${days.join('')}  ${(whole ?? 'none yet').padEnd(10)} ${percent.padStart(SHARE_HEAD.length)}`.trimEnd();
}
