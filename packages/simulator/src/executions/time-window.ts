import { z } from 'zod';
import { ApiError } from '../http/api-error.ts';

/** The instants [startMs, endMs) of an execution, and how they were asked for. */
export interface TimeWindow {
  readonly type: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Local, without offset, in `timeZone`: `2023-10-01T00:00:00`. */
  readonly startOriginal: string;
  readonly endOriginal: string;
  readonly timeZone: string;
}

export const timeWindowFields = {
  timeWindow: z
    .object({
      type: z.string().optional(),
      start: z.string().optional(),
      end: z.string().optional(),
      timezone: z.string().optional(),
      timeZone: z.string().optional(),
      timeWindowTimeZone: z.string().optional(),
    })
    .nullish(),
  timeWindowType: z.string().nullish(),
  timeWindowStart: z.string().nullish(),
  timeWindowEnd: z.string().nullish(),
  timeWindowTimeZone: z.string().nullish(),
  timeZone: z.string().nullish(),
  timezone: z.string().nullish(),
};

const timeWindowSchema = z.object(timeWindowFields);

/** What a create says of its window, in either shape. */
export type TimeWindowFields = z.output<typeof timeWindowSchema>;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z)?$/;

/** What is left of a window where one of its shapes means nothing to the service (API.md 1.6, 8). */
export function understoodFields(
  { timeWindow, ...flat }: TimeWindowFields,
  shape: 'both' | 'nested' | 'flat',
): TimeWindowFields {
  if (shape === 'both') return { timeWindow, ...flat };
  return shape === 'nested' ? { timeWindow } : flat;
}

/** The window asked for; the most recent day when nothing is said. Throws ApiError 400. */
export function timeWindowOf(fields: TimeWindowFields, nowMs: number): TimeWindow {
  const nested = fields.timeWindow ?? {};
  const type = nested.type ?? fields.timeWindowType ?? 'MOST_RECENT_DAY';
  const zones = [nested.timezone, nested.timeZone, nested.timeWindowTimeZone];
  const flatZones = [fields.timeWindowTimeZone, fields.timeZone, fields.timezone];
  const timeZone = [...zones, ...flatZones].find((zone) => zone != null) ?? 'UTC';
  checkZone(timeZone);
  if (type === 'EXPLICIT') {
    const start = nested.start ?? fields.timeWindowStart;
    const end = nested.end ?? fields.timeWindowEnd;
    return explicitWindow({ start, end, timeZone });
  }
  const [startLocalMs, endLocalMs] = relativeWindow(type, toLocal(nowMs, timeZone));
  return windowOf(type, { startLocalMs, endLocalMs, timeZone });
}

function explicitWindow(wanted: {
  start: string | null | undefined;
  end: string | null | undefined;
  timeZone: string;
}): TimeWindow {
  const startLocalMs = localInstant('start', wanted.start, wanted.timeZone);
  const endLocalMs = localInstant('end', wanted.end, wanted.timeZone);
  if (endLocalMs <= startLocalMs) {
    throw new ApiError(400, `timeWindow end ${wanted.end} must be after start ${wanted.start}`);
  }
  return windowOf('EXPLICIT', { startLocalMs, endLocalMs, timeZone: wanted.timeZone });
}

/** Wall-clock time as milliseconds, as if it were UTC. */
function localInstant(name: string, text: string | null | undefined, timeZone: string): number {
  if (text == null) throw new ApiError(400, `timeWindow ${name} is required with type EXPLICIT`);
  if (!LOCAL.test(text)) {
    throw new ApiError(400, `timeWindow ${name} '${text}' must be like 2023-10-01T00:00:00`);
  }
  if (text.endsWith('Z')) return toLocal(Date.parse(text), timeZone);
  return Date.parse(`${text}Z`);
}

/** Bounds in wall-clock time for windows that are relative to `nowLocalMs`. */
function relativeWindow(type: string, nowLocalMs: number): [number, number] {
  const now = new Date(nowLocalMs);
  const today = Math.floor(nowLocalMs / DAY_MS) * DAY_MS;
  const month = (offset: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1);
  switch (type) {
    case 'MOST_RECENT_HOUR': {
      const hour = Math.floor(nowLocalMs / HOUR_MS) * HOUR_MS;
      return [hour - HOUR_MS, hour];
    }
    case 'MOST_RECENT_24_HOURS':
      return [nowLocalMs - DAY_MS, nowLocalMs];
    case 'MOST_RECENT_DAY':
      return [today - DAY_MS, today];
    case 'MOST_RECENT_WEEK':
      return [today - 7 * DAY_MS, today];
    case 'CURRENT_MONTH':
      return [month(0), month(1)];
    case 'PREVIOUS_MONTH':
      return [month(-1), month(0)];
    default:
      throw new ApiError(400, `timeWindow type '${type}' is not supported`);
  }
}

function windowOf(
  type: string,
  local: { startLocalMs: number; endLocalMs: number; timeZone: string },
): TimeWindow {
  const { startLocalMs, endLocalMs, timeZone } = local;
  return {
    type,
    startMs: fromLocal(startLocalMs, timeZone),
    endMs: fromLocal(endLocalMs, timeZone),
    startOriginal: new Date(startLocalMs).toISOString().slice(0, 19),
    endOriginal: new Date(endLocalMs).toISOString().slice(0, 19),
    timeZone,
  };
}

function checkZone(timeZone: string): void {
  try {
    zoneFormat(timeZone);
  } catch {
    throw new ApiError(400, `time zone '${timeZone}' is unknown`);
  }
}

function toLocal(instantMs: number, timeZone: string): number {
  return instantMs + offsetMs(instantMs, timeZone);
}

/** A time that the clock skips counts as the one an hour later, one that comes twice as the first. */
function fromLocal(localMs: number, timeZone: string): number {
  const guessMs = localMs - offsetMs(localMs, timeZone);
  return localMs - offsetMs(guessMs, timeZone);
}

function offsetMs(instantMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = zoneFormat(timeZone).formatToParts(instantMs);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  const known = zoneFormats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  zoneFormats.set(timeZone, made);
  return made;
}
