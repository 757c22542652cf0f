import { nearestName } from '@traffic-events/singer';

/** `, did you mean "streams"?` where one of the known names is close to what was given; else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const plainNames = new Map(known.map((name) => [plain(name), name]));
  const nearest = nearestName(plain(given), [...plainNames.keys()]);
  const meant = nearest === undefined ? undefined : plainNames.get(nearest);
  return meant === undefined ? '' : `, did you mean ${JSON.stringify(meant)}?`;
}

/** Capitals, and `-` for `_`, are no other name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[- ]/g, '_');
}
