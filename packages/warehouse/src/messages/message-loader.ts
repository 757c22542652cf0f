import { isUtf8 } from 'node:buffer';
import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { parseMessage } from '@traffic-events/singer';
import type {
  BatchMessage,
  Message,
  RecordMessage,
  SchemaMessage,
  StateMessage,
  UnknownMessage,
} from '@traffic-events/singer';
import type { Deletion, LoadDriver, SliceWriter, TableWriter } from '../driver.ts';
import { DataRefusedError, RecordError, StreamSchemaError } from '../errors.ts';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import type { SessionOptions } from '../session-options.ts';
import { AccountMessages } from './account-messages.ts';
import { readBatch } from './batch-files.ts';
import { FastRecords } from './fast-records.ts';
import { DEFAULT_LOAD_RULES } from './load-rules.ts';
import type { LoadRules } from './load-rules.ts';
import type { Fields } from './record-fields.ts';
import { readState } from './state-value.ts';
import { StreamRecords } from './stream-records.ts';
import { TableCommits } from './table-commits.ts';
import type { Stop } from './table-commits.ts';
import { takeLines } from './take-lines.ts';
import { Waiting } from './waiting.ts';
import { WaitingStates } from './waiting-states.ts';

export interface MessageOptions extends Pick<SessionOptions, 'clock' | 'logger' | 'signal'> {
  /** Passes the value of a STATE on; called only after everything before it is committed. */
  readonly emitState: (value: unknown) => Promise<void>;
  /** Longest message accepted, in bytes. */
  readonly maxLineBytes?: number | undefined;
  readonly rules?: Partial<LoadRules> | undefined;
}

/** Stands for bytes that are no UTF-8, where the tap has not written it itself. */
const REPLACEMENT = '\ufffd';

/**
 * Loads Singer messages until they end or `signal` asks to stop; then what has arrived whole is
 * committed and the newest state that is true is passed on. Closes the driver.
 */
export async function loadInto<Slice extends SliceWriter, Rows extends TableWriter>(
  driver: LoadDriver<Slice, Rows>,
  source: AsyncIterable<Uint8Array>,
  options: MessageOptions,
): Promise<void> {
  const loader = new MessageLoader(driver, options);
  try {
    await takeLines(source, loader, options);
    await loader.finish();
  } catch (error) {
    // What came before a record at fault is good, and so is the state that tells of it.
    if (error instanceof RecordError) await loader.drain();
    throw error;
  } finally {
    await loader.abandon();
    await driver.close();
  }
}

/** Takes messages one by one, loads what they carry, and passes states on once they are true. */
class MessageLoader<Slice extends SliceWriter, Rows extends TableWriter> {
  readonly #driver: LoadDriver<Slice, Rows>;
  readonly #rules: LoadRules;
  readonly #emitState: MessageOptions['emitState'];
  readonly #maxLineBytes: number | undefined;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #waiting: Waiting;
  readonly #records: StreamRecords<Rows>;
  readonly #accounts: AccountMessages<Slice, Rows>;
  readonly #fast = new FastRecords();
  readonly #tables: TableCommits<Rows>;
  readonly #states = new WaitingStates();
  #pendingState: StateMessage | undefined;
  #isFirst = true;

  constructor(driver: LoadDriver<Slice, Rows>, options: MessageOptions) {
    this.#driver = driver;
    this.#rules = { ...DEFAULT_LOAD_RULES, ...options.rules };
    this.#emitState = options.emitState;
    this.#maxLineBytes = options.maxLineBytes;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#waiting = new Waiting(this.#rules.drain);
    const shared = { driver, waiting: this.#waiting };
    const told = { ...shared, logger: this.#logger, clock: this.#clock };
    this.#records = new StreamRecords({ ...told, rules: this.#rules });
    this.#tables = new TableCommits({
      driver,
      putAway: (stream, fields, refusal) => this.#records.putAway(stream, fields, refusal),
    });
    this.#accounts = new AccountMessages({
      ...told,
      streamOf: (stream) => this.#records.described(stream, 'A slice'),
    });
  }

  /** To be called as a group of lines has arrived. */
  noteReceived(): void {
    this.#records.noteReceived();
  }

  /** Loads a line. Answers a promise only when there is something to wait for: most rows are not. */
  take(line: Buffer): Promise<void> | undefined {
    const text = line.toString('utf8');
    const hasBadBytes = text.includes(REPLACEMENT) && !isUtf8(line);
    const record = this.#isFirst || hasBadBytes ? undefined : this.#fast.read(text);
    if (record === undefined) return this.#takeParsed(text, hasBadBytes);
    return this.#add(record.stream, record.fields);
  }

  /** Commits what waits, then passes on the newest state. A slice that is not whole stays open. */
  async drain(): Promise<void> {
    await this.#flush();
    if (!this.#records.isHeldToEnd) await this.#emitPending();
  }

  /** Commits everything that is whole, replaces what is replaced at the end, passes the state on. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#driver.replaceAll();
    await this.#emitPending();
    if (this.#records.refused > 0) {
      this.#logger.warn({ records: this.#records.refused }, 'records.refused');
    }
    this.#accounts.throwRefused();
  }

  /** Drops what no STATE has covered. */
  async abandon(): Promise<void> {
    await this.#accounts.abandon();
  }

  async #takeParsed(text: string, hasBadBytes: boolean): Promise<void> {
    const message = parseMessage(text, { hasBadBytes });
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
        await this.#schema(message);
        return;
      case 'BATCH':
        await this.#batch(message);
        return;
      case 'ACTIVATE_VERSION':
        if (!this.#rules.obeysVersions) return;
        this.#fast.delete(message.stream);
        await this.#activate(message.stream, message.version);
        return;
      default:
        this.#logger.warn({ type: message.name }, 'message.unknown');
    }
  }

  /** One that says what is known already changes nothing: some programs repeat them. */
  async #schema(message: SchemaMessage): Promise<void> {
    if (this.#records.isKnown(message)) return;
    const { stream } = message;
    this.#fast.delete(stream);
    await this.#commitWaitingOf(stream);
    const { fields } = await this.#records.describe(message);
    this.#accounts.refuseOtherColumns(stream, fields.columns);
  }

  async #batch(message: BatchMessage): Promise<void> {
    const { stream } = message;
    const rules = { folders: this.#rules.batchFolders, maxLineBytes: this.#maxLineBytes };
    for await (const records of readBatch(message, rules)) {
      for (const { record, fault, place } of records) {
        const flawed = fault === undefined ? {} : { fault };
        await this.#record({ type: 'RECORD', stream, record, place, ...flawed });
      }
    }
  }

  async #recordLine(message: RecordMessage, text: string): Promise<void> {
    await this.#record(message);
    const { definition, fields } = this.#records.described(message.stream);
    const isPlain = definition.method !== 'ledger' && message.fault === undefined;
    if (isPlain) this.#fast.add(message.stream, text, fields);
  }

  async #record(message: RecordMessage & { readonly place?: string }): Promise<void> {
    const { stream, record, version } = message;
    if (this.#records.described(stream).definition.method === 'ledger') {
      this.#accounts.addLedgerRow(stream, record);
      return;
    }
    if (version !== undefined) await this.#ensureVersions(stream);
    const fields = await this.#read(message);
    if (fields !== undefined) await this.#add(stream, fields);
  }

  /** The fields of a record; undefined where it is put away, or fails its slice. */
  async #read(message: RecordMessage & { readonly place?: string }): Promise<Fields | undefined> {
    try {
      return await this.#records.read(message);
    } catch (error) {
      const isOfSlice = this.#records.described(message.stream).executions !== undefined;
      if (!isOfSlice || !(error instanceof RecordError)) throw error;
      await this.#accounts.refuse(error, message.record);
      return undefined;
    }
  }

  /** A row. Answers a promise only when there is something to wait for. */
  #add(stream: string, fields: Fields): Promise<void> | undefined {
    const described = this.#records.described(stream);
    const { executions, rows } = described;
    if (executions !== undefined)
      return this.#accounts.addRow(described, executions.of(fields), fields);
    const written = rows?.add(fields);
    if (!this.#waiting.isFull) return written;
    return written === undefined ? this.drain() : written.then(() => this.drain());
  }

  async #state(message: StateMessage, wasFirst: boolean): Promise<void> {
    const state = readState(message.value);
    const isOurs = !wasFirst && this.#accounts.concerns(state);
    if (wasFirst) await this.#accounts.gate(state);
    if (isOurs) await this.#accounts.take(state);
    const value = this.#accounts.passedOn(message.value);
    this.#pendingState = { ...message, value };
    const { waiting } = this.#records;
    if (waiting.length > 0) this.#states.add(value, waiting);
    if (wasFirst) await this.#emitPending();
    else if (isOurs && (this.#waiting.isFull || this.#accounts.isFull)) await this.drain();
  }

  async #flush(): Promise<void> {
    await this.#accounts.flush();
    await this.#commitTables(this.#records.waiting);
    this.#states.clear();
    this.#records.noteDrained();
  }

  /** Throws where a refused row cannot be put away, once all before it is committed and told. */
  async #commitTables(tables: readonly Rows[]): Promise<void> {
    const stops = await this.#tables.commit(tables);
    if (stops.size > 0) await this.#stop(stops);
  }

  async #stop(stops: ReadonlyMap<Rows, Stop>): Promise<void> {
    const others = this.#records.waiting.filter((rows) => !stops.has(rows));
    const all = new Map([...stops, ...(await this.#tables.commit(others))]);
    await this.#accounts.flush();
    this.#pendingState = undefined;
    const state = this.#records.isHeldToEnd ? undefined : this.#states.before(all);
    for (const rows of all.keys()) await rows.discard();
    if (state !== undefined) await this.#emitState(state.value);
    const [first] = all.values();
    if (first !== undefined) throw first.error;
  }

  /** Commits what waits of one stream, as its shape is about to change. */
  async #commitWaitingOf(stream: string): Promise<void> {
    const rows = this.#records.find(stream)?.rows;
    if (rows !== undefined) await this.#commitTables([rows]);
    if (this.#accounts.isWaiting(stream)) await this.#accounts.flush();
  }

  /** Never ends rows of this run: what has no version cannot be told from what is older. */
  async #activate(stream: string, version: number): Promise<void> {
    if (this.#records.find(stream) === undefined) {
      this.#logger.warn({ stream, version }, 'version.before_schema');
      return;
    }
    if (this.#records.hasUnversioned(stream)) {
      this.#logger.warn({ stream, version }, 'version.not_activated');
      return;
    }
    await this.#ensureVersions(stream);
    const { rows } = this.#records.described(stream);
    if (rows === undefined) {
      throw new StreamSchemaError(
        stream,
        'ACTIVATE_VERSION is refused: it would delete what the API no longer has. Slices are replaced one by one.',
      );
    }
    const markedAt = new Date(this.#clock.now()).toISOString();
    const deletion = this.#rules.isHardDelete ? 'hard' : { markedAt };
    try {
      await this.#driver.activate(rows, version, deletion);
    } catch (error) {
      if (!(error instanceof DataRefusedError)) throw error;
      await this.#commitTables([rows]);
      await this.#activateAlone(rows, version, deletion);
    }
  }

  /** What is refused now is no row that waits, but that older ones go. */
  async #activateAlone(rows: Rows, version: number, deletion: Deletion): Promise<void> {
    try {
      await this.#driver.activate(rows, version, deletion);
    } catch (error) {
      if (!(error instanceof DataRefusedError)) throw error;
      const { stream } = rows.table.definition;
      throw new StreamSchemaError(
        stream,
        `version ${version} cannot be activated. ${error.message}`,
      );
    }
  }

  async #ensureVersions(stream: string): Promise<void> {
    if (!this.#records.lacksVersions(stream)) return;
    await this.#commitWaitingOf(stream);
    await this.#records.addVersions(stream);
  }

  async #emitPending(): Promise<void> {
    const state = this.#pendingState;
    this.#pendingState = undefined;
    if (state !== undefined) await this.#emitState(state.value);
  }
}
