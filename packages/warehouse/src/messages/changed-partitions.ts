import type { PartitionChange } from '@traffic-events/slice';
import type { ClaimedPartition } from './state-gate.ts';

/** Tells which partitions of a state differ from the state before it: those are saved. */
export class ChangedPartitions {
  readonly #known = new Map<string, string>();

  /** Takes a state as known: nothing of it needs saving. */
  know(partitions: readonly ClaimedPartition[]): void {
    for (const partition of partitions) {
      this.#known.set(keyOf(partition), JSON.stringify(partition.state));
    }
  }

  of(partitions: readonly ClaimedPartition[]): PartitionChange[] {
    return partitions.filter(
      (partition) => this.#known.get(keyOf(partition)) !== JSON.stringify(partition.state),
    );
  }
}

function keyOf({ stream, accountId }: ClaimedPartition): string {
  return JSON.stringify([stream, accountId]);
}
