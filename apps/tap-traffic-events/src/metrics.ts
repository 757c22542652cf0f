import type { Writable } from 'node:stream';

/** METRIC lines as Singer programs print them beside their logs. */
export class Metrics {
  readonly #output: Writable;
  readonly #records = new Map<string, number>();
  readonly #startedMs = performance.now();

  constructor(options: { readonly output: Writable }) {
    this.#output = options.output;
  }

  /** Counts records of a stream and account. */
  records(stream: string, accountId: string, count: number): void {
    const key = JSON.stringify({ stream, context: { account_id: accountId } });
    this.#records.set(key, (this.#records.get(key) ?? 0) + count);
  }

  /** Prints the counters and the duration; they begin anew. */
  print(status: 'succeeded' | 'failed'): void {
    for (const [key, value] of this.#records) {
      const tags = JSON.parse(key) as Record<string, unknown>;
      this.#line({ type: 'counter', metric: 'record_count', value, tags });
    }
    this.#records.clear();
    const seconds = (performance.now() - this.#startedMs) / 1000;
    this.#line({ type: 'timer', metric: 'sync_duration', value: seconds, tags: { status } });
  }

  #line(metric: Readonly<Record<string, unknown>>): void {
    this.#output.write(`INFO METRIC: ${JSON.stringify(metric)}\n`);
  }
}
