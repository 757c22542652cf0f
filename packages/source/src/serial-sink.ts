import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';

/**
 * Lets accounts that run in parallel share a sink whose calls must not overlap. After a call has
 * failed nothing more is delivered: every later one fails for the same reason.
 */
export class SerialSink implements Sink {
  readonly #sink: Sink;
  #last: Promise<unknown> = Promise.resolve();

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<void> {
    return this.#next(() => this.#sink.open(run, streams, accounts));
  }

  ready(): Promise<void> {
    return this.#next(async () => this.#sink.ready?.());
  }

  slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    return this.#next(() => this.#sink.slice(result, change));
  }

  ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    return this.#next(() => this.#sink.ledger(rows, changes));
  }

  state(change: PartitionChange): Promise<void> {
    return this.#next(() => this.#sink.state(change));
  }

  close(): Promise<void> {
    return this.#next(() => this.#sink.close());
  }

  async #next<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call);
    this.#last = result;
    return result;
  }
}
