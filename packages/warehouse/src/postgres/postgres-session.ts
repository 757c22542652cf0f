import { systemClock } from '@traffic-events/client';
import { WarehouseConnectionError, StatementError, WarehouseError } from '../errors.ts';
import { LeaseKeeper } from '../leases/lease-keeper.ts';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { POSTGRES } from './capabilities.ts';
import { LOCK_NOT_AVAILABLE } from './connection/postgres-errors.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import { AccountTransaction } from './load/account-transaction.ts';
import type { SliceLoadOptions } from './load/slice-load.ts';
import { withLockPatience } from './lock-patience.ts';
import { PostgresLeases } from './postgres-leases.ts';
import { DEFAULT_SCHEMA } from './postgres-options.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { Partitions } from './tables/partitions.ts';
import { StreamTables } from './tables/stream-tables.ts';
import { statementBuilder } from './tables/warehouse-tables.ts';

const DEFAULT_RECONNECT_FOR_MS = 60_000;
const RETRY_PAUSE_MS = 500;
/** Refusals that may pass, such as a deadlock, are not tried for ever. */
const MAX_REFUSALS = 5;

/**
 * Two connections, and what works over them: one for the transactions with data, and one beside it
 * for heartbeats, tables and partitions, which must not wait for them.
 */
interface Connections {
  readonly data: PostgresConnection;
  readonly control: PostgresConnection;
  readonly tables: StreamTables;
  readonly sliceOptions: SliceLoadOptions;
}

/** A warehouse as one process works with it. It mends its connections when they break. */
export class PostgresSession {
  readonly leases: LeaseKeeper;
  readonly #options: PostgresOptions;
  readonly #schema: string;
  readonly #leaseRows: PostgresLeases;
  #connections: Connections;

  private constructor(
    options: PostgresOptions,
    connections: Pick<Connections, 'data' | 'control'>,
  ) {
    this.#options = options;
    this.#schema = options.schema ?? DEFAULT_SCHEMA;
    const statements = statementBuilder(this.#schema);
    this.#leaseRows = new PostgresLeases({ statements, schema: this.#schema });
    this.leases = new LeaseKeeper({
      store: this.#leaseRows,
      clock: options.leaseClock ?? systemClock,
      logger: options.logger ?? silentLogger,
      timings: { ...POSTGRES.leases.timings, ...options.leaseTimings },
      pollMs: POSTGRES.leases.pollMs,
    });
    this.#connections = this.#over(connections);
  }

  static async open(options: PostgresOptions): Promise<PostgresSession> {
    return new PostgresSession(options, await connect(options));
  }

  get logger(): Logger {
    return this.#options.logger ?? silentLogger;
  }

  /** Connection for the transactions with data. */
  get data(): PostgresConnection {
    return this.#connections.data;
  }

  /** Connection beside it, where what is made is visible at once. */
  get control(): PostgresConnection {
    return this.#connections.control;
  }

  get tables(): StreamTables {
    return this.#connections.tables;
  }

  get sliceOptions(): SliceLoadOptions {
    return this.#connections.sliceOptions;
  }

  /**
   * Runs `work`, and runs it again from its beginning when the connection breaks under it or a
   * statement is refused for now. It must leave nothing behind when it fails.
   */
  async retry<T>(work: () => Promise<T>): Promise<T> {
    for (let refusals = 0; ; refusals += 1) {
      try {
        return await withLockPatience(work, { ...this.#options, ...this.#options.connection });
      } catch (error) {
        await this.#recover(error, refusals);
      }
    }
  }

  /** Takes the leases of the accounts that are not held yet. */
  async lease(accounts: readonly string[]): Promise<void> {
    await this.tables.ensureBookkeeping();
    await this.leases.acquire(accounts, this.#options.signal);
  }

  async close(): Promise<void> {
    const hasGivenUp = this.data.isLost && this.#options.signal?.aborted === true;
    try {
      if (hasGivenUp) await this.leases.rest();
      else await this.leases.release();
    } catch (error) {
      // The sessions end with this, and with them what they hold.
      if (!(error instanceof WarehouseConnectionError)) throw error;
    } finally {
      await Promise.all([this.data.close(), this.control.close()]);
    }
  }

  #over({ data, control }: Pick<Connections, 'data' | 'control'>): Connections {
    const schema = this.#schema;
    const statements = statementBuilder(schema);
    const clock = this.#options.clock ?? systemClock;
    this.#leaseRows.connect(control, data.backend);
    const { logger = silentLogger } = this.#options;
    const place = { connection: control, statements, schema, clock, logger };
    const [tables, partitions] = [new StreamTables(place), new Partitions(place)];
    const base = { connection: data, statements, schema, leases: this.leases, clock };
    const transaction = new AccountTransaction(base);
    return { data, control, tables, sliceOptions: { ...base, transaction, partitions } };
  }

  /** Returns once it makes sense to try again; throws `error` when it does not. */
  async #recover(error: unknown, refusals: number): Promise<void> {
    const { signal, logger = silentLogger } = this.#options;
    const isPassing = error instanceof WarehouseError && error.action === 'retriable';
    if (!isPassing || signal?.aborted === true) throw error;
    const isLost = error instanceof WarehouseConnectionError;
    const isLocked = error instanceof StatementError && error.sqlState === LOCK_NOT_AVAILABLE;
    if (isLocked || (!isLost && refusals >= MAX_REFUSALS)) throw error;
    logger.warn(
      { reason: error.message },
      isLost ? 'warehouse.reconnecting' : 'warehouse.retrying',
    );
    if (isLost) await this.#reconnect(error);
    else await systemClock.sleep(RETRY_PAUSE_MS, signal);
  }

  async #reconnect(loss: WarehouseConnectionError): Promise<void> {
    const held = this.leases.lose();
    const waitMs = this.#options.reconnectForMs ?? DEFAULT_RECONNECT_FOR_MS;
    const deadlineMs = systemClock.now() + waitMs;
    for (;;) {
      await Promise.all([this.data.close(), this.control.close()]);
      try {
        this.#connections = this.#over(await connect(this.#options));
        await this.lease(held);
        return;
      } catch (error) {
        const isPassing = error instanceof WarehouseConnectionError && error.action === 'retriable';
        if (!isPassing || systemClock.now() > deadlineMs) {
          throw isPassing ? loss : error;
        }
        await systemClock.sleep(RETRY_PAUSE_MS, this.#options.signal);
      }
    }
  }
}

async function connect({
  connection,
  signal,
}: PostgresOptions): Promise<Pick<Connections, 'data' | 'control'>> {
  const data = await PostgresConnection.open(connection, { signal });
  try {
    const applicationName = 'traffic-events control';
    return {
      data,
      control: await PostgresConnection.open(connection, { applicationName, signal }),
    };
  } catch (error) {
    await data.close();
    throw error;
  }
}
