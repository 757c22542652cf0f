import type { LedgerRow, PartitionChange, RunMark } from '@traffic-events/slice';

/** What a transaction enters beside rows. */
export interface Entries {
  readonly ledger: readonly LedgerRow[];
  readonly changes: readonly PartitionChange[];
  readonly run: RunMark;
}

/** In one order everywhere, so that transactions on several accounts never wait for each other. */
export function accountsOf(entries: Pick<Entries, 'ledger' | 'changes'>): string[] {
  const accounts = [
    ...entries.ledger.map((row) => row.account_id),
    ...entries.changes.map((change) => change.accountId),
  ];
  return [...new Set(accounts)].sort();
}
