import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { heldAccountId, parseAccountId } from '@traffic-events/slice';
import type { PartitionChange } from '@traffic-events/slice';

/** The accounts that a state is about. */
export function accountIdsOf(state: readonly PartitionChange[]): string[] {
  return [...new Set(state.map(({ accountId }) => accountId))];
}

/**
 * The account under the name of its time zone that it is held by: `held` are the ids that state or
 * warehouse know. Its id and its definitions then stay what they were.
 */
export function asHeld(account: Account, held: readonly string[]): Account {
  const accountId = accountKey(account);
  const heldId = heldAccountId(accountId, held);
  if (heldId === undefined || heldId === accountId) return account;
  return { ...account, timeZone: parseAccountId(heldId)?.timeZone ?? 'UTC' };
}
