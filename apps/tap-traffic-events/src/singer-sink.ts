import { RecordEncoder } from '@traffic-events/singer';
import type { MessageWriter, RecordProperty } from '@traffic-events/singer';
import { FIRST_ROW_NUMBER, LEDGER_STREAM } from '@traffic-events/slice';
import type {
  LedgerRow,
  PartitionChange,
  ResultColumn,
  ResultRow,
  RunMark,
  Sink,
  SliceMark,
  SliceOutcome,
  SliceResult,
  StateValue,
  StreamDescription,
} from '@traffic-events/slice';
import { recordKey, withPartition } from '@traffic-events/source';

export interface SingerSinkOptions {
  readonly writer: MessageWriter;
  /** The state that the tap was given; null when it was given none. */
  readonly givenState: StateValue | null;
}

/**
 * Emits what a run extracts as Singer messages. A slice goes out in one piece: its records, its
 * ledger row, and the STATE that closes it.
 */
export class SingerSink implements Sink {
  readonly #writer: MessageWriter;
  readonly #givenState: StateValue | null;
  #state: StateValue;
  #run: RunMark | undefined;

  constructor(options: SingerSinkOptions) {
    this.#writer = options.writer;
    this.#givenState = options.givenState;
    this.#state = options.givenState ?? { bookmarks: {} };
  }

  /** The first message is the state given: a target compares it with what it holds. */
  async open(run: RunMark, streams: readonly StreamDescription[]): Promise<void> {
    this.#run = run;
    if (this.#givenState !== null) await this.#writeState();
    for (const { stream, schema, keyProperties } of streams) {
      await this.#writer.write({ type: 'SCHEMA', stream, schema, key_properties: keyProperties });
    }
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    const { stream } = result.mark;
    const encode = recordEncoder(result);
    let rowNumber = FIRST_ROW_NUMBER;
    for await (const rows of result.rows()) {
      const from = rowNumber;
      rowNumber += rows.length;
      await this.#writer.writeRecordBodies(
        stream,
        rows.map((row, index) => encode(row, from + index)),
      );
    }
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

  async #writeLedger(row: LedgerRow): Promise<void> {
    await this.#writer.write({ type: 'RECORD', stream: LEDGER_STREAM, record: { ...row } });
  }

  async #writeState(slice?: SliceMark): Promise<void> {
    const value = {
      ...this.#state,
      ...(slice === undefined ? {} : { slice }),
      ...(this.#run === undefined ? {} : { run: this.#run }),
    };
    await this.#writer.write({ type: 'STATE', value });
  }
}

/** Serialises a row with what its slice adds to it. */
function recordEncoder(result: SliceResult): (row: ResultRow, rowNumber: number) => string {
  const { mark, columns, marketplace, extractedAt } = result;
  const flagAt = columns.findIndex(({ role }) => role === 'discriminator');
  const flags = flagAt === -1 ? [] : [flagAt];
  const order = [...flags, ...[...columns.keys()].filter((index) => index !== flagAt)];
  const ordered = order.flatMap((index) => columns[index] ?? []);
  const encoder = new RecordEncoder({
    properties: [
      ...['account_id', 'marketplace', 'event_date'].map(textProperty),
      ...ordered.map(columnProperty),
      textProperty('execution_id'),
      { name: 'row_number', kind: 'number' },
      textProperty('extracted_at'),
    ],
  });
  return (row, rowNumber) =>
    encoder.encode([
      mark.account_id,
      marketplace,
      mark.event_date,
      ...order.map((index) => row[index] ?? null),
      mark.execution_id,
      String(rowNumber),
      extractedAt,
    ]);
}

function textProperty(name: string): RecordProperty {
  return { name, kind: 'string' };
}

const KINDS: Readonly<Record<ResultColumn['type'], RecordProperty['kind']>> = {
  STRING: 'string',
  LONG: 'number',
  INTEGER: 'number',
  DECIMAL: 'number',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
  DATE: 'string',
  TIMESTAMP: 'string',
};

function columnProperty(column: ResultColumn): RecordProperty {
  return { name: recordKey(column), kind: KINDS[column.type] };
}
