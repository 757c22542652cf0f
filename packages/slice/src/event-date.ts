/** A calendar date, `YYYY-MM-DD`, in the account's time zone. Sorts as text. */
export type EventDate = string;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type InstantMs = number;

/** The instants [startMs, endMs) of an event date. */
export interface Window {
  readonly startMs: InstantMs;
  readonly endMs: InstantMs;
}

const DAY_MS = 86_400_000;
const EVENT_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** True for a date that exists: `2026-02-28` is one, `2026-02-30` is not. */
export function isEventDate(text: string): boolean {
  return EVENT_DATE.test(text) && toEventDate(Date.parse(`${text}T00:00:00Z`)) === text;
}

export function addDays(date: EventDate, days: number): EventDate {
  return toEventDate(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS);
}

/** Days from `from` to `to`: 1 when `to` is the day after, negative when it is earlier. */
export function daysBetween(from: EventDate, to: EventDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Every date from `from` to `to`, both included; none when `to` is before `from`. */
export function* datesBetween(from: EventDate, to: EventDate): Generator<EventDate> {
  // Behind the last date that sorts as text no other comes: it has to end there by itself.
  for (let date = from; date <= to; date = addDays(date, 1)) {
    yield date;
    if (date === to) return;
  }
}

/** The event date on which `instantMs` falls in `timeZone`. */
export function eventDateAt(instantMs: InstantMs, timeZone = 'UTC'): EventDate {
  return toEventDate(instantMs + zoneOffsetMs(instantMs, timeZone));
}

/** The window of `date` in `timeZone`: 23, 24 or 25 hours long where clocks change. */
export function windowOf(date: EventDate, timeZone = 'UTC'): Window {
  const key = `${date} ${timeZone}`;
  let window = windows.get(key);
  if (window === undefined) {
    window = { startMs: startOf(date, timeZone), endMs: startOf(addDays(date, 1), timeZone) };
    if (windows.size >= MAX_WINDOWS) windows.clear();
    windows.set(key, window);
  }
  return window;
}

/** A plan is made anew for each slot that frees, of the same dates, and zones are slow to ask. */
const windows = new Map<string, Window>();
const MAX_WINDOWS = 20_000;

function startOf(date: EventDate, timeZone: string): InstantMs {
  const localMs = Date.parse(`${date}T00:00:00Z`);
  const guessMs = localMs - zoneOffsetMs(localMs, timeZone);
  const startMs = localMs - zoneOffsetMs(guessMs, timeZone);
  return skippedMidnight(startMs, date, timeZone) ? startMs + hourMs : startMs;
}

const hourMs = 3_600_000;

/** Some zones change their clocks at midnight, so that a date begins at 01:00. */
function skippedMidnight(startMs: InstantMs, date: EventDate, timeZone: string): boolean {
  return eventDateAt(startMs, timeZone) < date;
}

function zoneOffsetMs(instantMs: InstantMs, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = formatterOf(timeZone).formatToParts(instantMs);
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const localMs = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return localMs - Math.floor(instantMs / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

function toEventDate(utcMs: number): EventDate {
  return Number.isNaN(utcMs) ? '' : new Date(utcMs).toISOString().slice(0, 10);
}
