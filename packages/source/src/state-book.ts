import type { PartitionChange, PartitionState, StateValue } from '@traffic-events/slice';

import { partitionOf } from './state-value.ts';

/** The partitions of a run, as they are once everything handed to the sink is safe. */
export class StateBook {
  readonly #value: StateValue;
  readonly #changed = new Map<string, PartitionState>();

  constructor(value: StateValue) {
    this.#value = value;
  }

  get(stream: string, accountId: string): PartitionState | undefined {
    return (
      this.#changed.get(keyOf(stream, accountId)) ?? partitionOf(this.#value, stream, accountId)
    );
  }

  set(change: PartitionChange): void {
    this.#changed.set(keyOf(change.stream, change.accountId), change.state);
  }
}

function keyOf(stream: string, accountId: string): string {
  return `${stream}\n${accountId}`;
}
