import type {
  LedgerRow,
  PartitionChange,
  RefusedStream,
  RunMark,
  SliceOutcome,
  SliceResult,
} from '@traffic-events/slice';

import { MemorySink } from './memory-sink.ts';

/** How a sink takes its time, in which more is planned, delivered and refused. */
export interface SlowSinkOptions {
  readonly mayOverlap: boolean;
  /** Resolves when the next call may be committed. */
  readonly pause: () => Promise<unknown>;
}

/** Commits calls one after the other, as a warehouse does, also where it is given several at once. */
export class SlowSink extends MemorySink {
  readonly mayOverlap: boolean;
  readonly #pause: () => Promise<unknown>;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ mayOverlap, pause }: SlowSinkOptions) {
    super();
    this.mayOverlap = mayOverlap;
    this.#pause = pause;
  }

  override async open(run: RunMark): Promise<readonly RefusedStream[]> {
    this.#last = Promise.resolve();
    return super.open(run);
  }

  override slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    return this.#after(() => super.slice(result, change));
  }

  override ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    return this.#after(() => super.ledger(rows, changes));
  }

  override state(change: PartitionChange): Promise<void> {
    return this.#after(() => super.state(change));
  }

  /** A call behind one that has failed fails for its reason. */
  #after<T>(commit: () => Promise<T>): Promise<T> {
    const committed = this.#last.then(() => this.#pause()).then(commit);
    this.#last = committed;
    committed.catch(() => {});
    return committed;
  }
}
