import { HOLDING_STATUSES, PASSING_STATUSES } from '@traffic-events/slice';

/** Of a status in the ledger: rows of its execution are held, or were until a better copy came. */
export const IS_HOLDING = isOneOf(HOLDING_STATUSES);
/** Of a status in the ledger: the slice stands as it did before. */
export const IS_PASSING = isOneOf(PASSING_STATUSES);

function isOneOf(statuses: readonly string[]): string {
  return `IN (${statuses.map((status) => `'${status}'`).join(', ')})`;
}
