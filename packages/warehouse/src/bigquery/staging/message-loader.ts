import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { parseMessage } from '@traffic-events/singer';
import type { Message, RecordMessage, StateMessage, UnknownMessage } from '@traffic-events/singer';
import { readBatch } from '../../messages/batch-files.ts';
import { StreamSchemaError } from '../../errors.ts';
import { FastRecords } from '../../messages/fast-records.ts';
import { DEFAULT_LOAD_RULES } from '../../messages/load-rules.ts';
import type { LoadRules } from '../../messages/load-rules.ts';
import { silentLogger } from '../../logger.ts';
import type { Logger } from '../../logger.ts';
import type { Fields } from '../../messages/record-fields.ts';
import type { BigQueryTargetOptions } from '../bigquery-target.ts';
import { PendingAccounts } from './pending-accounts.ts';
import { ReplacedTables } from '../commit/replaced-tables.ts';
import type { StageFiles } from './stage-files.ts';
import { StreamRecords } from './stream-records.ts';
import type { StagedStream } from './stream-records.ts';
import { activateSql } from '../commit/table-changes.ts';
import type { RowSource, WarehouseSession } from '../warehouse-session.ts';

/** Takes messages one by one, stages what they carry, and passes states on once they are true. */
export class MessageLoader {
  readonly #session: WarehouseSession;
  readonly #rules: LoadRules;
  readonly #emitState: BigQueryTargetOptions['emitState'];
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #records: StreamRecords;
  readonly #accounts: PendingAccounts;
  readonly #replaced: ReplacedTables;
  readonly #fast = new FastRecords();
  #pendingState: StateMessage | undefined;
  #isFirst = true;
  #waitingRows = 0;
  #waitingBytes = 0;

  constructor(options: BigQueryTargetOptions, session: WarehouseSession, files: StageFiles) {
    this.#session = session;
    this.#rules = { ...DEFAULT_LOAD_RULES, ...options.rules };
    this.#emitState = options.emitState;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#accounts = new PendingAccounts({ session, logger: this.#logger });
    this.#replaced = new ReplacedTables(session);
    this.#records = new StreamRecords({
      tables: session.tables,
      files,
      rules: this.#rules,
      clock: this.#clock,
    });
  }

  /** To be called as a group of lines has arrived. */
  noteReceived(): void {
    this.#records.noteReceived();
  }

  /** Loads a line. Answers a promise only when there is something to wait for: most rows are not. */
  take(line: Buffer): Promise<void> | undefined {
    const text = line.toString('utf8');
    const record = this.#isFirst ? undefined : this.#fast.read(text);
    if (record === undefined) return this.#takeParsed(text);
    return this.#add(record.stream, record.fields);
  }

  /** Commits what waits, then passes on the newest state. A slice that is not whole keeps waiting. */
  async drain(): Promise<void> {
    if (this.#accounts.isSliceOpen) return;
    await this.#flush();
    if (!this.#replaced.isAny) await this.#emitPending();
  }

  /** Commits everything that is whole, replaces what is replaced at the end, passes the state on. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#replaced.replaceAll();
    await this.#emitPending();
    if (this.#records.refused > 0) {
      this.#logger.warn({ records: this.#records.refused }, 'records.refused');
    }
  }

  /** Tells what no STATE has covered. */
  abandon(): void {
    this.#accounts.abandon();
  }

  async #takeParsed(text: string): Promise<void> {
    const message = parseMessage(text);
    const wasFirst = this.#isFirst;
    this.#isFirst = false;
    if (message.type === 'STATE') await this.#state(message, wasFirst);
    else if (message.type === 'RECORD') await this.#recordLine(message, text);
    else await this.#other(message);
  }

  async #other(
    message: Exclude<Message | UnknownMessage, StateMessage | RecordMessage>,
  ): Promise<void> {
    switch (message.type) {
      case 'SCHEMA':
        this.#fast.forget(message.stream);
        // Rows that wait are of the schema before.
        if (this.#records.isWaiting(message.stream)) await this.#flush();
        await this.#records.describe(message);
        this.#replaced.describe(this.#records.described(message.stream).table);
        return;
      case 'BATCH':
        for await (const records of readBatch(message)) {
          for (const record of records) {
            await this.#record({ type: 'RECORD', stream: message.stream, record });
          }
        }
        return;
      case 'ACTIVATE_VERSION':
        this.#fast.forget(message.stream);
        await this.#activate(message.stream, message.version);
        return;
      default:
        this.#logger.warn({ type: message.name }, 'message.unknown');
    }
  }

  async #recordLine(message: RecordMessage, text: string): Promise<void> {
    await this.#record(message);
    const fields = this.#records.fieldsOf(message.stream);
    if (fields !== undefined) this.#fast.learn(message.stream, text, fields);
  }

  async #record(message: RecordMessage): Promise<void> {
    const { stream, record, version } = message;
    const { method } = this.#records.described(stream).table.definition;
    if (method === 'ledger') {
      this.#accounts.addLedgerRow(stream, record);
      return;
    }
    if (method !== 'slices' && version !== undefined) await this.#ensureVersions(stream);
    const fields = await this.#records.read(message);
    if (fields !== undefined) await this.#add(stream, fields);
  }

  /** A row. Answers a promise only when there is something to wait for. */
  #add(stream: string, fields: Fields): Promise<void> | undefined {
    const slice = this.#records.sliceOf(stream, fields);
    if (slice === undefined) return this.#stage(stream, fields);
    // What comes a second time is judged by what the first has left.
    if (this.#accounts.repeats(slice)) return this.#flush().then(() => this.#add(stream, fields));
    const noted = this.#accounts.noteRow(slice);
    if (noted === undefined) return this.#stage(stream, fields);
    return noted.then(() => this.#stage(stream, fields));
  }

  #stage(stream: string, fields: Fields): Promise<void> | undefined {
    const { bytes, written } = this.#records.add(stream, fields);
    this.#waitingRows += 1;
    this.#waitingBytes += bytes;
    // A slice that is open waits for its STATE, however long it is.
    if (!this.#isFull || this.#accounts.isSliceOpen) return written;
    return written === undefined ? this.drain() : written.then(() => this.drain());
  }

  get #isFull(): boolean {
    const { maxRows, maxBytes } = this.#rules.drain;
    return this.#waitingRows >= maxRows || this.#waitingBytes >= maxBytes;
  }

  async #state(message: StateMessage, wasFirst: boolean): Promise<void> {
    this.#pendingState = message;
    if (wasFirst) {
      await this.#accounts.gate(message.value);
      await this.#emitPending();
      return;
    }
    if (!this.#accounts.concerns(message.value)) return;
    if (this.#accounts.repeatsEmpty(message.value)) await this.#flush();
    await this.#accounts.take(message.value);
    if (this.#isFull || this.#accounts.isFull) await this.drain();
  }

  async #flush(): Promise<void> {
    const waiting = this.#records.waiting;
    for (const { file } of waiting) await file?.finish();
    const others = waiting.filter(({ table }) => table.definition.method !== 'slices');
    const tables = others.filter(({ table }) => !this.#replaced.has(table)).map(sourceOf);
    for (const staged of others) {
      if (this.#replaced.has(staged.table)) await this.#replaced.add(sourceOf(staged));
    }
    await this.#accounts.flush(this.#sliceSources(), tables);
    for (const staged of waiting) {
      await staged.file?.remove();
      staged.file = undefined;
    }
    this.#waitingRows = 0;
    this.#waitingBytes = 0;
    this.#records.noteDrained();
  }

  /** Also of streams without rows: a slice may be empty. */
  #sliceSources(): RowSource[] {
    return this.#records.all
      .filter(({ table }) => table.definition.method === 'slices')
      .map(sourceOf);
  }

  async #activate(stream: string, version: number): Promise<void> {
    const { table } = this.#records.described(stream);
    const { method } = table.definition;
    if (method === 'slices' || method === 'ledger') {
      throw new StreamSchemaError(
        stream,
        'ACTIVATE_VERSION is refused: it would delete what the API no longer has. Slices are replaced one by one.',
      );
    }
    await this.#ensureVersions(stream);
    await this.#flush();
    const markedAt = new Date(this.#clock.now()).toISOString();
    await this.#session.execute(
      activateSql(
        this.#session.connection.datasetName,
        table,
        version,
        this.#rules.isHardDelete ? 'hard' : { markedAt },
      ),
    );
  }

  async #ensureVersions(stream: string): Promise<void> {
    if (this.#records.hasVersions(stream)) return;
    await this.#flush();
    await this.#records.addVersions(stream);
  }

  async #emitPending(): Promise<void> {
    const state = this.#pendingState;
    this.#pendingState = undefined;
    if (state !== undefined) await this.#emitState(state.value);
  }
}

function sourceOf({ table, file }: StagedStream): RowSource {
  return {
    table,
    rows: file?.rows ?? 0,
    open: () => {
      if (file === undefined) throw new Error(`${table.definition.stream} has no rows that wait`);
      return file.open();
    },
  };
}
