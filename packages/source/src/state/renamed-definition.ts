import { currentFingerprint } from '@traffic-events/slice';
import type { EventDate, PartitionChange, PartitionState, TailEntry } from '@traffic-events/slice';

import type { AccountStream, AccountWithStreams } from '../streams/account-streams.ts';
import { partitionOf, withPartition } from './saved-states.ts';

/** Whether a fingerprint, of whatever time, is that of the stream as it is asked for now. */
export function isOfStream(
  fingerprint: string,
  stream: AccountStream,
  partition: PartitionState | undefined,
): boolean {
  return (
    stream.formerFingerprints.includes(fingerprint) ||
    currentFingerprint(fingerprint, partition) === stream.fingerprint
  );
}

/**
 * The state with the fingerprints that its definitions have today, and the partitions that this
 * changes. What they were called is kept beside them: ledger, archive and running executions go by
 * it.
 */
export function renameDefinitions(
  accounts: readonly AccountWithStreams[],
  state: readonly PartitionChange[],
): { readonly state: readonly PartitionChange[]; readonly changes: readonly PartitionChange[] } {
  const changes = accounts.flatMap((account) => renamedPartitions(account, state));
  return { changes, state: changes.reduce(withPartition, [...state]) };
}

function renamedPartitions(
  { accountId, streams }: AccountWithStreams,
  state: readonly PartitionChange[],
): PartitionChange[] {
  return [...streams].flatMap(([name, stream]) => {
    const partition = partitionOf(state, name, accountId);
    if (partition === undefined || partition.fingerprint === stream.fingerprint) return [];
    if (!isOfStream(partition.fingerprint, stream, partition)) return [];
    return [{ stream: name, accountId, state: renamed(partition, stream) }];
  });
}

function renamed(partition: PartitionState, stream: AccountStream): PartitionState {
  const { fingerprint } = stream;
  const names = [partition.fingerprint, ...stream.formerFingerprints];
  const known = { ...partition, fingerprint, renamed: { ...partition.renamed } };
  for (const name of names) known.renamed[name] = fingerprint;
  const tail = Object.entries(partition.tail).map(([date, entry]): [EventDate, TailEntry] => [
    date,
    entry.fingerprint !== undefined && currentFingerprint(entry.fingerprint, known) === fingerprint
      ? { ...entry, fingerprint: undefined }
      : entry,
  ]);
  return { ...known, tail: Object.fromEntries(tail) };
}
