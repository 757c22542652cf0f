import type { SliceWriter, StreamTable } from '../../driver.ts';
import type { Fields } from '../../messages/record-fields.ts';
import type { SliceDecision } from '../../slices/slice-decision.ts';
import type { SliceExecution } from '../../slices/slice-execution.ts';
import type { PostgresSession } from '../postgres-session.ts';
import { rowOf } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import { SliceLoad } from './slice-load.ts';
import type { SliceClosing, SliceTarget } from './slice-load.ts';
import { SliceSpool } from './slice-spool.ts';

/** Sends the rows of a slice as they come, into a transaction that is open until its STATE. */
export class SliceStream implements SliceWriter {
  readonly waitingBytes = 0;
  readonly #session: PostgresSession;
  readonly #target: SliceTarget;
  readonly #buffer = new RowBuffer((bytes) => this.#send(bytes));
  /** Its rows so far, in case the connection breaks before they are committed. */
  readonly #spool = new SliceSpool();
  /** The transaction; none while there is no connection for it. */
  #load: SliceLoad | undefined;

  private constructor(session: PostgresSession, target: SliceTarget) {
    this.#session = session;
    this.#target = target;
  }

  static async open(
    session: PostgresSession,
    { table, fields }: StreamTable,
    execution: SliceExecution,
  ): Promise<SliceStream> {
    const target = { ...execution, table: table.definition.table, columns: fields.columns };
    const slice = new SliceStream(session, target);
    await session.retry(() => slice.#resume());
    return slice;
  }

  get stream(): string {
    return this.#target.stream;
  }

  /** Adds a row; resolves once the server keeps up, at once when nothing has to be waited for. */
  add(fields: Fields): Promise<void> | undefined {
    return this.#buffer.add(rowOf(fields)) ? this.#buffer.flush() : undefined;
  }

  async close(): Promise<void> {
    await this.#buffer.flush();
  }

  async commit(closing: SliceClosing): Promise<SliceDecision> {
    const decision = await this.#session.retry(async () => {
      const load = this.#load ?? (await this.#resume());
      this.#load = undefined;
      return load.close(closing);
    });
    await this.#spool.close();
    return decision;
  }

  /** Frees the connection: rolls back for now; it is begun again, from its spool, with its next rows. */
  async suspend(): Promise<void> {
    const load = this.#load;
    this.#load = undefined;
    await load?.abandon();
  }

  async abandon(): Promise<void> {
    await this.suspend();
    await this.#spool.close();
  }

  async #send(bytes: Buffer): Promise<void> {
    await this.#session.retry(async () => {
      const load = this.#load ?? (await this.#resume());
      await this.#write(load, bytes);
    });
    await this.#spool.add(bytes);
  }

  /** Begins the transaction, with the rows that have come before. */
  async #resume(): Promise<SliceLoad> {
    await this.#session.lease([this.#target.accountId]);
    const load = await SliceLoad.begin(this.#session.sliceOptions, this.#target);
    for await (const bytes of this.#spool.read()) await this.#write(load, bytes);
    this.#load = load;
    return load;
  }

  async #write(load: SliceLoad, bytes: Buffer): Promise<void> {
    try {
      await load.copy.write(bytes);
    } catch (error) {
      this.#load = undefined;
      await load.abandon();
      throw error;
    }
  }
}
