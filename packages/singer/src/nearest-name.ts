import { closest, distance } from 'fastest-levenshtein';

/** How much of a name may be another one's, to be taken for a slip of the pen. */
const MAX_SHARE = 0.4;

/** Which of `known` was probably meant; undefined where none comes close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const nearest = closest(name, [...known]);
  const isClose = distance(name, nearest) <= Math.max(name.length, nearest.length) * MAX_SHARE;
  return isClose ? nearest : undefined;
}
