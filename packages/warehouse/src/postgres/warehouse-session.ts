import { systemClock } from '@traffic-events/client';
import type { PartitionChange } from '@traffic-events/slice';
import { silentLogger } from '../logger.ts';
import { decideSlice } from '../slice-decision.ts';
import type { KnownDates } from '../state-gate.ts';
import { accountsOf, AccountTransaction } from './account-transaction.ts';
import type { Entries } from './account-transaction.ts';
import { DEFAULT_LEASE_TIMINGS, LeaseKeeper } from './lease-keeper.ts';
import { PostgresConnection } from './postgres-connection.ts';
import type { PostgresSinkOptions } from './postgres-sink.ts';
import type { SliceClosing, SliceLoadOptions } from './slice-load.ts';
import { StreamTables } from './stream-tables.ts';
import { statementBuilder } from './warehouse-tables.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

export const DEFAULT_SCHEMA = 'traffic_events';

interface WarehouseSessionParts {
  readonly data: PostgresConnection;
  readonly control: PostgresConnection;
  readonly options: PostgresSinkOptions;
}

/**
 * Two connections to a warehouse: one for the transactions with data, and one beside it for
 * heartbeats, tables and partitions, which must not wait for them.
 */
export class WarehouseSession {
  readonly leases: LeaseKeeper;
  readonly tables: StreamTables;
  readonly sliceOptions: SliceLoadOptions;
  readonly #data: PostgresConnection;
  readonly #control: PostgresConnection;
  readonly #statements: StatementBuilder;
  readonly #signal: AbortSignal | undefined;

  private constructor({ data, control, options }: WarehouseSessionParts) {
    const schema = options.schema ?? DEFAULT_SCHEMA;
    const statements = statementBuilder(schema);
    const clock = options.clock ?? systemClock;
    this.#data = data;
    this.#control = control;
    this.#statements = statements;
    this.#signal = options.signal;
    this.tables = new StreamTables({ connection: control, statements, schema, clock });
    this.leases = new LeaseKeeper({
      connection: control,
      holder: data.backend,
      statements,
      schema,
      clock: options.leaseClock ?? systemClock,
      logger: options.logger ?? silentLogger,
      timings: { ...DEFAULT_LEASE_TIMINGS, ...options.leaseTimings },
    });
    const base = { connection: data, statements, schema, leases: this.leases, clock };
    const transaction = new AccountTransaction(base);
    this.sliceOptions = { ...base, transaction, tables: this.tables };
  }

  static async open(options: PostgresSinkOptions): Promise<WarehouseSession> {
    const data = await PostgresConnection.open(options.connection, 'traffic-events');
    try {
      const control = await PostgresConnection.open(options.connection, 'traffic-events control');
      return new WarehouseSession({ data, control, options });
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  /** Connection for the transactions with data. */
  get data(): PostgresConnection {
    return this.#data;
  }

  /** Takes the leases of the accounts that are not held yet, in one order for all processes. */
  async lease(accounts: readonly string[]): Promise<void> {
    await this.tables.ensureBookkeeping();
    for (const accountId of [...accounts].sort())
      await this.leases.acquire(accountId, this.#signal);
  }

  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    if (accounts.length === 0) return [];
    const rows = await this.#control.rows(
      this.#statements
        .selectFrom('_traffic_events_state')
        .select(['stream', 'account_id', 'state'])
        .where('account_id', 'in', [...accounts])
        .orderBy('stream')
        .orderBy('account_id')
        .compile(),
    );
    return rows.map((row) => ({ stream: row.stream, accountId: row.account_id, state: row.state }));
  }

  /** Dates that the ledger has something about, other than failures. */
  async knownDates(accounts: readonly string[]): Promise<KnownDates> {
    await this.tables.ensureBookkeeping();
    const rows = await this.#control.rows(
      this.#statements
        .selectFrom('extractions')
        .select(['stream', 'account_id', 'event_date'])
        .distinct()
        .where('account_id', 'in', [...accounts])
        .where('status', '<>', 'failed')
        .compile(),
    );
    const dates = Map.groupBy(rows, (row) => JSON.stringify([row.stream, row.account_id]));
    return (stream, accountId) =>
      new Set(dates.get(JSON.stringify([stream, accountId]))?.map((row) => row.event_date));
  }

  /** Whether a slice would not be applied; known before its rows are copied, for a result at hand. */
  async isPoorer({ mark, ledger }: SliceClosing): Promise<boolean> {
    const held = await this.sliceOptions.transaction.ledgerOf(mark);
    return decideSlice(mark, ledger, held).outcome.kind === 'kept_better';
  }

  /** Ledger rows and states without data, all of them or none. */
  async enter(entries: Entries): Promise<void> {
    if (entries.ledger.length === 0 && entries.changes.length === 0) return;
    const { transaction } = this.sliceOptions;
    await this.#data.transaction(async () => {
      for (const accountId of accountsOf(entries)) await transaction.lock(accountId, entries.run);
      await transaction.enter(entries);
    });
  }

  async close(): Promise<void> {
    try {
      if (!this.#control.isLost) await this.leases.release();
    } finally {
      await this.#data.close();
      await this.#control.close();
    }
  }
}
