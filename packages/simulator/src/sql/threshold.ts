import type { Threshold } from '@traffic-events/client';

/** Distinct users that a row needs to keep a value of the level; VERY_HIGH never leaves. */
export const REQUIRED_USERS: Readonly<Record<Threshold, number>> = {
  NONE: 1,
  LOW: 2,
  MEDIUM: 100,
  HIGH: 100,
  VERY_HIGH: Infinity,
};

const ORDER: readonly Threshold[] = ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH'];

/** The strictest of `levels`; NONE when there are none. */
export function strictest(levels: Iterable<Threshold>): Threshold {
  let result: Threshold = 'NONE';
  for (const level of levels) if (ORDER.indexOf(level) > ORDER.indexOf(result)) result = level;
  return result;
}
