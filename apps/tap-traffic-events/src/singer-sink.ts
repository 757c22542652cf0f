import { DiskError } from '@traffic-events/client';
import type { BatchMessage, MessageWriter } from '@traffic-events/singer';
import { LEDGER_STREAM } from '@traffic-events/slice';
import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';

import type { BatchConfig } from './batch-config.ts';
import { writeBatch } from './batch-files.ts';
import type { LeftOut } from './discover.ts';
import type { Metrics } from './metrics.ts';
import { sliceRecords } from './slice-records.ts';
import type { StateAllowance } from './state-allowance.ts';
import { StateMessages } from './state-messages.ts';

/** Changes in a row are told together. */
const QUIET_MS = 1000;
/** A write that went through this recently proves that the output is still read. */
const PROOF_MS = 1000;

export interface SingerSinkOptions {
  readonly writer: MessageWriter;
  readonly metrics: Metrics;
  /** The state that the tap was given; null when it was given none. */
  readonly givenState: readonly PartitionChange[] | null;
  /** Files instead of RECORD messages; undefined for records. */
  readonly batchConfig?: BatchConfig | undefined;
  /** Properties that are left out of records and schemas, by stream. */
  readonly leftOut?: LeftOut | undefined;
  /** How many bytes of states may be written; bounded by what is delivered unless given. */
  readonly allowance?: StateAllowance | undefined;
}

/**
 * Emits what a run extracts as Singer messages. A slice goes out in one piece, its records and its
 * ledger row; the STATE that closes it follows at once, or after others where states are large.
 */
export class SingerSink implements Sink {
  readonly #options: SingerSinkOptions;
  readonly #writer: MessageWriter;
  readonly #states: StateMessages;
  #anySchema: StreamDescription | undefined;
  #describedMs = -Infinity;
  /** What is being written, and whoever waits for it: a state never comes between records. */
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SingerSinkOptions) {
    this.#options = options;
    this.#writer = options.writer;
    this.#states = new StateMessages(options);
  }

  /** The first message is the state given: a target compares it with what it holds. */
  async open(run: RunMark, streams: readonly StreamDescription[]): Promise<[]> {
    await this.#next(async () => {
      this.#states.begin(run);
      if (this.#options.givenState !== null) await this.#states.write();
      const described = streams.map((stream) => this.#selected(stream));
      for (const stream of described) await this.#writeSchema(stream);
      this.#anySchema = described.at(-1);
    });
    return [];
  }

  /**
   * A pipe whose reader has gone shows it only when it is written to: the state goes out again, or
   * a schema while there is no state that would not look like a loss, or one that is too large.
   */
  ready(): Promise<void> {
    return this.#next(async () => {
      const writtenMs = Math.max(this.#describedMs, this.#states.writtenMs);
      if (performance.now() - writtenMs < PROOF_MS) return;
      if (!this.#states.isEmpty && this.#states.isSpare) await this.#states.write();
      else if (this.#anySchema !== undefined) await this.#writeSchema(this.#anySchema);
    });
  }

  slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    return this.#next(async () => {
      const batch = await this.#batchOf(result);
      if (batch instanceof DiskError) return { kind: 'refused', reason: batch.message };
      await this.#states.coverBefore([result.ledger], result.mark);
      await this.#writeRows(result, batch);
      await this.#writeLedger(result.ledger);
      this.#states.earn();
      await this.#states.change([change], result.mark);
      await this.#writer.flush();
      return { kind: 'handed_on' };
    });
  }

  ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    return this.#next(async () => {
      await this.#states.coverBefore(rows);
      for (const row of rows) await this.#writeLedger(row);
      if (rows.length > 0) this.#states.earn();
      await this.#states.change(changes);
    });
  }

  state(change: PartitionChange): Promise<void> {
    return this.#next(() => this.#states.change([change]));
  }

  /** Writes what no STATE has told of yet; to be called however a run has ended. */
  flush(): Promise<void> {
    return this.#next(() => this.#states.flush());
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#writer.close();
  }

  async #next<T>(write: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    const result = this.#last.then(write);
    this.#last = result.catch(() => {});
    const written = await result;
    this.#tellLater();
    return written;
  }

  /** What has changed is told as soon as it may be, also when nothing else is delivered. */
  #tellLater(): void {
    const { waitMs } = this.#states;
    clearTimeout(this.#timer);
    if (waitMs === undefined) return;
    // A reader that has gone shows at the next call.
    const tell = () => void this.flush().catch(() => {});
    this.#timer = setTimeout(tell, Math.max(waitMs, QUIET_MS)).unref();
  }

  /** Files come before anything is said of a slice: a disk without room refuses it alone. */
  async #batchOf(result: SliceResult): Promise<BatchMessage | DiskError | undefined> {
    const { batchConfig, leftOut } = this.#options;
    if (batchConfig === undefined) return undefined;
    try {
      return await writeBatch(result, batchConfig, leftOut?.get(result.mark.stream));
    } catch (error) {
      if (error instanceof DiskError) return error;
      throw error;
    }
  }

  async #writeRows(result: SliceResult, batch: BatchMessage | undefined): Promise<void> {
    const { stream, account_id: accountId, row_count: count } = result.mark;
    const { batchConfig, metrics, leftOut } = this.#options;
    if (batchConfig === undefined) {
      for await (const records of sliceRecords(result, leftOut?.get(stream))) {
        await this.#writer.writeRecordBodies(stream, records);
      }
    } else if (batch !== undefined) await this.#writer.write(batch);
    metrics.records(stream, accountId, count);
  }

  #selected(description: StreamDescription): StreamDescription {
    const leftOut = this.#options.leftOut?.get(description.stream);
    const { properties } = description.schema;
    if (leftOut === undefined || leftOut.size === 0) return description;
    const kept = Object.entries(properties ?? {}).filter(([name]) => !leftOut.has(name));
    return {
      ...description,
      schema: { ...description.schema, properties: Object.fromEntries(kept) },
    };
  }

  async #writeSchema({ stream, schema, keyProperties }: StreamDescription): Promise<void> {
    await this.#writer.write({ type: 'SCHEMA', stream, schema, key_properties: keyProperties });
    this.#describedMs = performance.now();
  }

  async #writeLedger(row: LedgerRow): Promise<void> {
    await this.#writer.write({ type: 'RECORD', stream: LEDGER_STREAM, record: { ...row } });
    this.#options.metrics.records(LEDGER_STREAM, row.account_id, 1);
  }
}
