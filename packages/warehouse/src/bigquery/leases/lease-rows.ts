import type { HeldLease } from '../../leases/lease-keeper.ts';
import { literal } from '../tables/sql-text.ts';

/** In the message of a script that found a lease taken. */
export const LEASE_LOST = 'traffic-events lease lost';

/** The rows of leases, while their epochs are those. */
export function ownRows(leases: readonly HeldLease[]): string {
  return leases
    .map(({ accountId, epoch }) => `(account_id = ${literal(accountId)} AND epoch = ${epoch})`)
    .join(' OR ');
}

/** Fails a script whose last statement has changed another number of leases. */
export function leaseCheck(expected: number): string {
  return `IF @@row_count != ${expected} THEN RAISE USING MESSAGE = ${literal(LEASE_LOST)}; END IF`;
}
