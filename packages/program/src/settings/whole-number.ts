import { z } from 'zod';

/** A whole number within bounds; its error says which. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const error = `expected a whole number ${range}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}
