import type { MessageWriter } from '@traffic-events/singer';
import { LEDGER_STREAM } from '@traffic-events/slice';
import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceMark,
  SliceOutcome,
  SliceResult,
  StateValue,
  StreamDescription,
} from '@traffic-events/slice';
import { withPartition } from '@traffic-events/source';

import type { BatchConfig } from './batch-config.ts';
import { writeBatch } from './batch-files.ts';
import type { Metrics } from './metrics.ts';
import { sliceRecords } from './slice-records.ts';

/** A write that went through this recently proves that the output is still read. */
const PROOF_MS = 1000;

export interface SingerSinkOptions {
  readonly writer: MessageWriter;
  readonly metrics: Metrics;
  /** The state that the tap was given; null when it was given none. */
  readonly givenState: StateValue | null;
  /** Files instead of RECORD messages; undefined for records. */
  readonly batchConfig?: BatchConfig | undefined;
}

/**
 * Emits what a run extracts as Singer messages. A slice goes out in one piece: its records, its
 * ledger row, and the STATE that closes it.
 */
export class SingerSink implements Sink {
  readonly #options: SingerSinkOptions;
  readonly #writer: MessageWriter;
  #state: StateValue;
  #run: RunMark | undefined;
  #anySchema: StreamDescription | undefined;
  #writtenMs = -Infinity;

  constructor(options: SingerSinkOptions) {
    this.#options = options;
    this.#writer = options.writer;
    this.#state = options.givenState ?? { bookmarks: {} };
  }

  /** The first message is the state given: a target compares it with what it holds. */
  async open(run: RunMark, streams: readonly StreamDescription[]): Promise<void> {
    this.#run = run;
    if (this.#options.givenState !== null) await this.#writeState();
    for (const stream of streams) await this.#writeSchema(stream);
    this.#anySchema = streams.at(-1);
  }

  /**
   * A pipe whose reader has gone shows it only when it is written to: the state goes out again, or
   * a schema while there is no state that would not look like a loss.
   */
  async ready(): Promise<void> {
    if (performance.now() - this.#writtenMs < PROOF_MS) return;
    if (Object.keys(this.#state.bookmarks).length > 0) await this.#writeState();
    else if (this.#anySchema !== undefined) await this.#writeSchema(this.#anySchema);
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    await this.#writeRows(result);
    await this.#writeLedger(result.ledger);
    this.#state = withPartition(this.#state, change);
    await this.#writeState(result.mark);
    return { kind: 'handed_on' };
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    for (const row of rows) await this.#writeLedger(row);
    this.#state = changes.reduce(withPartition, this.#state);
    await this.#writeState();
  }

  async state(change: PartitionChange): Promise<void> {
    this.#state = withPartition(this.#state, change);
    await this.#writeState();
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  async #writeRows(result: SliceResult): Promise<void> {
    const { stream, account_id: accountId, row_count: count } = result.mark;
    const { batchConfig, metrics } = this.#options;
    if (batchConfig === undefined) {
      for await (const records of sliceRecords(result)) {
        await this.#writer.writeRecordBodies(stream, records);
      }
    } else {
      const batch = await writeBatch(result, batchConfig);
      if (batch !== undefined) await this.#writer.write(batch);
    }
    metrics.records(stream, accountId, count);
  }

  async #writeSchema({ stream, schema, keyProperties }: StreamDescription): Promise<void> {
    await this.#writer.write({ type: 'SCHEMA', stream, schema, key_properties: keyProperties });
    this.#writtenMs = performance.now();
  }

  async #writeLedger(row: LedgerRow): Promise<void> {
    await this.#writer.write({ type: 'RECORD', stream: LEDGER_STREAM, record: { ...row } });
    this.#options.metrics.records(LEDGER_STREAM, row.account_id, 1);
  }

  async #writeState(slice?: SliceMark): Promise<void> {
    const value = {
      ...this.#state,
      ...(slice === undefined ? {} : { slice }),
      ...(this.#run === undefined ? {} : { run: this.#run }),
    };
    await this.#writer.write({ type: 'STATE', value });
    this.#writtenMs = performance.now();
  }
}
