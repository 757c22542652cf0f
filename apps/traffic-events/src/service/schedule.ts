import { durationMs } from '@traffic-events/program';
import type { InstantMs } from '@traffic-events/slice';
import { InvalidArgumentError } from 'commander';
import { Cron } from 'croner';

/** When a service runs. */
export interface Schedule {
  /** As it was given. */
  readonly text: string;
  /** The first run after `nowMs`: a duration begins at once, a cron expression at its next time. */
  firstMs(nowMs: InstantMs): InstantMs;
  /** The run behind one that began at `beganMs` and has ended by `nowMs`. */
  nextMs(beganMs: InstantMs, nowMs: InstantMs): InstantMs;
  /** From one run to the next, about; in ms. */
  gapMs(nowMs: InstantMs): number;
}

const MAX_JITTER_MS = 5 * 60_000;
const JITTER_SHARE = 0.1;

/** Services that were started together do not ask together for long: up to a tenth of the gap. */
export function jitterMs(gapMs: number, random: () => number): number {
  return random() * Math.min(gapMs * JITTER_SHARE, MAX_JITTER_MS);
}

/** For `--every`: `6h`, or a cron expression of five fields in the time zone of the machine. */
export function parseSchedule(text: string): Schedule {
  const everyMs = durationMs(text);
  return everyMs === undefined ? atTimesOf(text) : everySoOften(text, everyMs);
}

function everySoOften(text: string, everyMs: number): Schedule {
  return {
    text,
    firstMs: (nowMs) => nowMs,
    nextMs: (beganMs, nowMs) => Math.max(beganMs + everyMs, nowMs),
    gapMs: () => everyMs,
  };
}

function atTimesOf(text: string): Schedule {
  const cron = cronOf(text);
  const after = (ms: InstantMs): InstantMs => cron.nextRun(new Date(ms))?.getTime() ?? Infinity;
  return {
    text,
    firstMs: after,
    nextMs: (_, nowMs) => after(nowMs),
    gapMs: (nowMs) => after(after(nowMs)) - after(nowMs),
  };
}

function cronOf(text: string): Cron {
  try {
    const cron = new Cron(text, { mode: '5-part' });
    if (cron.nextRun() !== null) return cron;
  } catch {
    // What is wrong with it is said below, as of everything that is no schedule.
  }
  throw new InvalidArgumentError(
    "expected a duration, such as 6h, or a cron expression that comes again, such as '15 6 * * *'.",
  );
}
