import { Rejection } from './rejection.ts';

const DURATION =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'];

/** An ISO 8601 duration such as `P14D` as text of a DuckDB interval; throws Rejection otherwise. */
export function intervalOf(duration: string): string {
  const match = DURATION.exec(duration);
  const parts = UNITS.flatMap((unit, index) => {
    const amount = match?.[index + 1];
    return amount === undefined ? [] : [`${amount} ${unit}`];
  });
  if (parts.length > 0) return parts.join(' ');
  throw new Rejection(`'${duration}' is no ISO 8601 duration; write 'P14D', for example`);
}
