import type { Clock } from '@traffic-events/client';
import type {
  CanonicalCsv,
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';
import type { Logger } from '../logger.ts';
import { refusedOutcome } from '../slices/refused-outcome.ts';
import { SinkRun } from '../slices/sink-run.ts';
import { defineStream } from '../tables/stream-definition.ts';
import type { StreamDefinition } from '../tables/stream-definition.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';
import type { LeaseTimings } from './lease-keeper.ts';
import { CanonicalRows, canonicalColumns } from './load/canonical-rows.ts';
import { ResultRows, resultColumns } from './load/result-rows.ts';
import { RowBuffer } from './load/row-buffer.ts';
import { enterKept, SliceLoad } from './load/slice-load.ts';
import type { SliceClosing, SliceTarget } from './load/slice-load.ts';
import { POSTGRES_NAMES } from './tables/table-sql.ts';
import { WarehouseSession } from './warehouse-session.ts';

export interface PostgresSinkOptions {
  readonly connection: ConnectionSettings;
  /** Database schema; `traffic_events` unless given. */
  readonly schema?: string;
  /** API time, for when states were saved. */
  readonly clock?: Clock;
  /** Wall time, for leases. */
  readonly leaseClock?: Clock;
  readonly leaseTimings?: Partial<LeaseTimings>;
  /** How long to try to connect again when a connection is lost; 60 seconds unless given. */
  readonly reconnectForMs?: number;
  /** What U+0000 in a result becomes; a slice that holds it is refused unless given. */
  readonly nulReplacement?: string | undefined;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

/** Loads results straight into PostgreSQL, and keeps the state there, in the same transactions. */
export class PostgresSink implements Sink {
  readonly #options: PostgresSinkOptions;
  readonly #run = new SinkRun<StreamDefinition>();
  #session: WarehouseSession | undefined;

  constructor(options: PostgresSinkOptions) {
    this.#options = Object.freeze({ ...options });
  }

  /**
   * The state of every stream of these accounts. Takes their leases first, so that what is read
   * stays true until this sink changes it.
   */
  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    const session = await this.#connected();
    return session.redo(async () => {
      await session.lease(accounts);
      return session.readStates(accounts);
    });
  }

  async open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<void> {
    const session = await this.#connected();
    await session.redo(async () => {
      await session.lease(accounts);
      await session.refuseStale(accounts, run);
    });
    for (const stream of streams) {
      const definition = defineStream(stream, { ...POSTGRES_NAMES, numberMode: 'numeric' });
      await session.redo(() => session.tables.ensure(definition));
      this.#run.add(stream.stream, definition);
    }
    this.#run.begin(run);
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    const session = await this.#connected();
    const target = this.#targetOf(result);
    const closing: SliceClosing = {
      mark: result.mark,
      ledger: result.ledger,
      otherLedger: [],
      changes: [change],
      run: this.#run.mark,
    };
    try {
      const { outcome } = await session.redo(async () => {
        if (await session.isPoorer(closing)) return enterKept(session.sliceOptions, closing);
        const load = await SliceLoad.begin(session.sliceOptions, target);
        await this.#copyRows(result, load);
        return load.close(closing);
      });
      return outcome;
    } catch (error) {
      const refused = refusedOutcome(error);
      if (refused === undefined) throw error;
      return refused;
    }
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    const session = await this.#connected();
    const entries = { ledger: rows, changes, run: this.#run.mark };
    await session.redo(() => session.enter(entries));
  }

  async state(change: PartitionChange): Promise<void> {
    await this.ledger([], [change]);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  async #copyRows(result: SliceResult, load: SliceLoad): Promise<void> {
    try {
      await (result.canonical === undefined
        ? this.#copyCells(result, load)
        : copyLines(result, result.canonical, load));
    } catch (error) {
      await load.abandon();
      throw error;
    }
  }

  async #copyCells(result: SliceResult, load: SliceLoad): Promise<void> {
    const rows = new ResultRows(result, this.#options);
    const buffer = new RowBuffer((bytes) => load.copy.write(bytes));
    for await (const batch of result.rows()) {
      for (const cells of batch) if (buffer.add(rows.next(cells))) await buffer.flush();
    }
    await buffer.flush();
  }

  async #connected(): Promise<WarehouseSession> {
    this.#session ??= await WarehouseSession.open(this.#options);
    return this.#session;
  }

  #targetOf(result: SliceResult) {
    const { stream, account_id, event_date, execution_id } = result.mark;
    const definition = this.#run.tableOf(stream);
    const names = new Map(definition.columns.map(({ property, name }) => [property, name]));
    return {
      stream,
      table: definition.table,
      ...layoutOf(result, (column) => names.get(column) ?? column),
      accountId: account_id,
      eventDate: event_date,
      executionId: execution_id,
      isExpected: true,
    };
  }
}

/** What is canonical goes to COPY as it is: it reads such CSV as our own reader does. */
function layoutOf(
  result: SliceResult,
  nameOf: (column: string) => string,
): Pick<SliceTarget, 'columns' | 'format'> {
  const { canonical } = result;
  if (canonical === undefined) return { columns: resultColumns(result).map(nameOf) };
  return { columns: canonicalColumns(result, canonical).map(nameOf), format: 'csv' };
}

async function copyLines(
  result: SliceResult,
  canonical: CanonicalCsv,
  load: SliceLoad,
): Promise<void> {
  const rows = new CanonicalRows(result);
  for await (const lines of canonical.lines()) {
    await load.copy.write(rows.next(lines));
    if (load.copy.isSent) rows.reuse();
  }
}
