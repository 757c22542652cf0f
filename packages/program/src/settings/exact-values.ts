import { isExactNumber } from '@traffic-events/singer';

/** A parsed value whose numbers beyond a double's digits are texts, however deep they stand. */
export function exactValues(value: unknown): unknown {
  if (isExactNumber(value)) return value.rawJSON;
  if (Array.isArray(value)) return value.map(exactValues);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exactValues(item)]));
}
