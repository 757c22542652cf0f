import { distance } from 'fastest-levenshtein';

/** Of so many letters one may be wrong. */
const LETTERS_A_FAULT = 3;

/** `, did you mean "streams"?` where one of the known names is close to what was given; else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const wanted = plain(given);
  const [closest] = known
    .map((name) => ({ name, faults: distance(wanted, plain(name)) }))
    .toSorted((a, b) => a.faults - b.faults);
  const isClose =
    closest !== undefined && closest.faults <= Math.ceil(wanted.length / LETTERS_A_FAULT);
  return isClose ? `, did you mean ${JSON.stringify(closest.name)}?` : '';
}

/** Capitals, and `-` for `_`, are no other name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[- ]/g, '_');
}
