import { UNTOUCHED_ENTRY } from './state.ts';
import type { StatePartition, TailEntry } from './state.ts';

/** What every plain copy has: complete, in no doubt, and more may arrive. */
const PLAIN = ['execution_id', 'create_time', 'row_count', 'main_sum'] as const;

/**
 * A partition as it is written: the state of 200 accounts is repeated hundreds of times a day. Of an
 * entry of the tail only what differs from an untouched date is there, and of a plain copy only
 * `[execution_id, create_time, row_count, main_sum]`.
 */
export function wirePartition({ tail, in_flight: inFlight, ...rest }: StatePartition): object {
  const entries = Object.entries(tail).map(([date, entry]) => [date, wireEntry(entry)]);
  return { ...rest, tail: Object.fromEntries(entries), in_flight: inFlight };
}

function wireEntry(entry: TailEntry): object {
  const short = Object.entries(entry).filter(([key, value]) => {
    if (key === 'last_create_time') return value !== entry.create_time;
    return value !== undefined && value !== UNTOUCHED_ENTRY[key as keyof TailEntry];
  });
  const isPlain = short.length === PLAIN.length + 1 && entry.complete;
  return isPlain && PLAIN.every((key) => entry[key] !== null)
    ? PLAIN.map((key) => entry[key])
    : Object.fromEntries(short);
}

/** An entry of a tail, whichever way it was written, with the names of what it has. */
export function namedEntry(entry: unknown): unknown {
  if (!Array.isArray(entry) || entry.length !== PLAIN.length) return entry;
  return { ...Object.fromEntries(PLAIN.map((key, at) => [key, entry[at]])), complete: true };
}
