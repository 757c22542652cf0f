import type {
  LedgerRow,
  PartitionChange,
  RefusedStream,
  RunMark,
  SliceKey,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';

/**
 * Lets accounts that run in parallel share a sink: calls reach it in the order in which they are
 * made, one after the other unless it says that they may overlap. After a call has failed nothing
 * more is delivered: every later one fails for the same reason.
 */
export class SerialSink implements Sink {
  readonly #sink: Sink;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<readonly RefusedStream[]> {
    return this.#next(() => this.#sink.open(run, streams, accounts));
  }

  ready(): Promise<void> {
    return this.#next(async () => this.#sink.ready?.());
  }

  /** `onOutcome` is called before anything behind this call begins. */
  slice(
    result: SliceResult,
    change: PartitionChange,
    onOutcome?: (outcome: SliceOutcome) => void,
  ): Promise<SliceOutcome> {
    return this.#deliver(async () => {
      const outcome = await this.#sink.slice(result, change);
      onOutcome?.(outcome);
      return outcome;
    });
  }

  ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    return this.#deliver(() => this.#sink.ledger(rows, changes));
  }

  state(change: PartitionChange): Promise<void> {
    return this.#deliver(() => this.#sink.state(change));
  }

  /** None where the sink cannot know. */
  holdsWhole(slices: readonly SliceKey[]): Promise<readonly SliceKey[]> {
    if (slices.length === 0) return Promise.resolve([]);
    return this.#next(async () => (await this.#sink.holdsWhole?.(slices)) ?? []);
  }

  close(): Promise<void> {
    return this.#next(() => this.#sink.close());
  }

  #deliver<T>(call: () => Promise<T>): Promise<T> {
    return this.#sink.mayOverlap === true ? this.#beside(call) : this.#next(call);
  }

  /** Begins once everything before it has ended. */
  async #next<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call);
    this.#keep(result);
    return result;
  }

  /** Begins at once. */
  async #beside<T>(call: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const result = call();
    this.#keep(Promise.all([this.#last, result]));
    return result;
  }

  #keep(last: Promise<unknown>): void {
    this.#last = last;
    last.catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }
}
