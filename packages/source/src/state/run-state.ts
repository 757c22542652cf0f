import type { PartitionChange, PartitionState } from '@traffic-events/slice';

import { partitionOf } from './saved-states.ts';

/** What a change makes of the state that it builds on. */
export type PartitionEdit = (state: PartitionState | undefined) => PartitionState;

/** The partitions of a run, as they are once everything handed to the sink is safe. */
export class RunState {
  readonly #begun: readonly PartitionChange[];
  readonly #partitions = new Map<string, PartitionChanges>();

  /** The partitions that it begins with. */
  constructor(begun: readonly PartitionChange[]) {
    this.#begun = begun;
  }

  get(stream: string, accountId: string): PartitionState | undefined {
    return this.#changesOf(stream, accountId).state;
  }

  /** What is safe of it, whatever is on its way. */
  safe(stream: string, accountId: string): PartitionState | undefined {
    return this.#changesOf(stream, accountId).base;
  }

  /** Adds a change to those that a partition has had. */
  change(stream: string, accountId: string, edit: PartitionEdit): PendingChange {
    return this.#changesOf(stream, accountId).add(stream, accountId, edit);
  }

  #changesOf(stream: string, accountId: string): PartitionChanges {
    const key = `${stream}\n${accountId}`;
    let changes = this.#partitions.get(key);
    if (changes === undefined) {
      changes = new PartitionChanges(partitionOf(this.#begun, stream, accountId));
      this.#partitions.set(key, changes);
    }
    return changes;
  }
}

/**
 * A change that was handed to the sink. Its state has all changes before it, and is as it is when it
 * is read: without those that the sink has refused by then.
 */
export class PendingChange implements PartitionChange {
  readonly stream: string;
  readonly accountId: string;
  readonly #changes: PartitionChanges;

  constructor(changes: PartitionChanges, stream: string, accountId: string) {
    this.#changes = changes;
    this.stream = stream;
    this.accountId = accountId;
  }

  get state(): PartitionState {
    return this.#changes.stateAt(this);
  }

  /** To be called once the sink has committed it; what was handed over before it has ended too. */
  settle(): void {
    this.#changes.settle(this);
  }

  /** Takes the change back, as the sink has refused what it speaks of. */
  withdraw(): void {
    this.#changes.withdraw(this);
  }
}

interface Step {
  readonly change: PendingChange;
  readonly edit: PartitionEdit;
  state: PartitionState;
}

/** The changes of one partition that are on their way, on top of what is safe. */
class PartitionChanges {
  #base: PartitionState | undefined;
  #steps: Step[] = [];

  constructor(base: PartitionState | undefined) {
    this.#base = base;
  }

  get base(): PartitionState | undefined {
    return this.#base;
  }

  get state(): PartitionState | undefined {
    return this.#steps.at(-1)?.state ?? this.#base;
  }

  add(stream: string, accountId: string, edit: PartitionEdit): PendingChange {
    const change = new PendingChange(this, stream, accountId);
    this.#steps.push({ change, edit, state: edit(this.state) });
    return change;
  }

  /** The state of a change; what came after it does not count. */
  stateAt(change: PendingChange): PartitionState {
    const state = this.#steps.find((step) => step.change === change)?.state ?? this.#base;
    if (state === undefined) throw new TypeError('a change that was taken back has no state');
    return state;
  }

  settle(change: PendingChange): void {
    const at = this.#steps.findIndex((step) => step.change === change);
    const done = this.#steps.splice(0, at + 1);
    this.#base = done.at(-1)?.state ?? this.#base;
  }

  withdraw(change: PendingChange): void {
    const at = this.#steps.findIndex((step) => step.change === change);
    if (at === -1) return;
    this.#steps.splice(at, 1);
    let state = this.#steps[at - 1]?.state ?? this.#base;
    for (const step of this.#steps.slice(at)) {
      step.state = step.edit(state);
      ({ state } = step);
    }
  }
}
