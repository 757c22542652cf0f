import { parseMessage } from '@traffic-events/singer';
import type { BatchMessage, Message, StateMessage, UnknownMessage } from '@traffic-events/singer';
import { systemClock } from '@traffic-events/client';
import { readBatch } from '../../messages/batch-files.ts';
import { FastRecords } from '../../messages/fast-records.ts';
import { DEFAULT_LOAD_RULES } from '../../messages/load-rules.ts';
import type { LoadRules } from '../../messages/load-rules.ts';
import { silentLogger } from '../../logger.ts';
import type { Logger } from '../../logger.ts';
import { AccountMessages } from './account-messages.ts';
import type { PostgresTargetOptions } from '../postgres-target.ts';
import { StreamRecords } from './stream-records.ts';
import { TableLoads } from './table-loads.ts';
import type { WarehouseSession } from '../warehouse-session.ts';

/** Takes messages one by one, loads what they carry, and passes states on once they are true. */
export class MessageLoader {
  readonly #emitState: PostgresTargetOptions['emitState'];
  readonly #logger: Logger;
  readonly #accounts: AccountMessages;
  readonly #loads: TableLoads;
  readonly #records: StreamRecords;
  readonly #fast = new FastRecords();
  #pendingState: StateMessage | undefined;
  #isFirst = true;

  constructor(options: PostgresTargetOptions, session: WarehouseSession) {
    const rules: LoadRules = { ...DEFAULT_LOAD_RULES, ...options.rules };
    this.#emitState = options.emitState;
    this.#logger = options.logger ?? silentLogger;
    this.#accounts = new AccountMessages({ session, logger: this.#logger });
    this.#loads = new TableLoads({
      session,
      limits: rules.drain,
      makeWay: () => this.#accounts.makeWay(),
    });
    this.#records = new StreamRecords({
      session,
      loads: this.#loads,
      accounts: this.#accounts,
      rules,
      clock: options.clock ?? systemClock,
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
    const added = this.#records.addFields(record.stream, record.fields);
    if (added === false) return undefined;
    return added === true ? this.drain() : added;
  }

  /** Commits what waits, then passes on the newest state. */
  async drain(): Promise<void> {
    await this.#loads.writeAll();
    this.#records.noteDrained();
    if (!this.#loads.isHeldToEnd) await this.#emitPending();
  }

  /** Commits everything that is whole, replaces what is replaced at the end, passes the state on. */
  async finish(): Promise<void> {
    await this.#loads.finish();
    await this.#emitPending();
    if (this.#records.refused > 0) {
      this.#logger.warn({ records: this.#records.refused }, 'records.refused');
    }
  }

  /** Drops what no STATE has covered. */
  async abandon(): Promise<void> {
    await this.#accounts.abandon();
  }

  async #takeParsed(text: string): Promise<void> {
    const message = parseMessage(text);
    const wasFirst = this.#isFirst;
    this.#isFirst = false;
    if (message.type === 'STATE') {
      await this.#state(message, wasFirst);
      return;
    }
    await this.#takeMessage(message, text);
  }

  async #takeMessage(
    message: Exclude<Message | UnknownMessage, StateMessage>,
    text: string,
  ): Promise<void> {
    switch (message.type) {
      case 'RECORD': {
        if (await this.#records.add(message)) await this.drain();
        const rows = this.#records.rowsOf(message.stream);
        if (rows !== undefined) this.#fast.learn(message.stream, text, rows);
        return;
      }
      case 'SCHEMA':
        this.#fast.forget(message.stream);
        await this.#records.describe(message);
        return;
      case 'BATCH':
        await this.#batch(message);
        return;
      case 'ACTIVATE_VERSION':
        this.#fast.forget(message.stream);
        await this.#records.activate(message.stream, message.version);
        return;
      default:
        this.#logger.warn({ type: message.name }, 'message.unknown');
    }
  }

  async #batch(message: BatchMessage): Promise<void> {
    for await (const records of readBatch(message)) {
      for (const record of records) {
        if (await this.#records.add({ stream: message.stream, record })) await this.drain();
      }
    }
  }

  async #state(message: StateMessage, wasFirst: boolean): Promise<void> {
    const isOurs = this.#accounts.concerns(message.value);
    if (wasFirst) await this.#accounts.gate(message.value);
    else if (isOurs) await this.#accounts.commit(message.value);
    this.#pendingState = message;
    if (wasFirst || isOurs) await this.drain();
  }

  async #emitPending(): Promise<void> {
    const state = this.#pendingState;
    this.#pendingState = undefined;
    if (state !== undefined) await this.#emitState(state.value);
  }
}
