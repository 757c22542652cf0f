import { systemClock } from '@traffic-events/client';
import type { PartitionChange, RunMark } from '@traffic-events/slice';
import { sql } from 'kysely';
import { AccountZones } from '../leases/account-zones.ts';
import { ConnectionError, WarehouseError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { decideSlice } from '../slices/slice-decision.ts';
import type { KnownDates } from '../messages/state-gate.ts';
import { accountsOf } from '../slices/entries.ts';
import type { Entries } from '../slices/entries.ts';
import type { PostgresConnection } from './connection/postgres-connection.ts';
import type { PostgresSinkOptions } from './postgres-sink.ts';
import type { SliceClosing, SliceLoadOptions } from './load/slice-load.ts';
import type { StreamTables } from './tables/stream-tables.ts';
import { linkWarehouse } from './connection/warehouse-links.ts';
import type { WarehouseLinks } from './connection/warehouse-links.ts';

const DEFAULT_RECONNECT_FOR_MS = 60_000;
const RETRY_PAUSE_MS = 500;
/** Refusals that may pass (a deadlock, a lock that was not to be had) are not tried for ever. */
const MAX_REFUSALS = 5;

/** A warehouse as one process works with it. It mends its connections when they break. */
export class WarehouseSession {
  readonly #options: PostgresSinkOptions;
  readonly #zones = new AccountZones();
  #links: WarehouseLinks;

  private constructor(options: PostgresSinkOptions, links: WarehouseLinks) {
    this.#options = options;
    this.#links = links;
  }

  static async open(options: PostgresSinkOptions): Promise<WarehouseSession> {
    return new WarehouseSession(options, await linkWarehouse(options));
  }

  /** Connection for the transactions with data. */
  get data(): PostgresConnection {
    return this.#links.data;
  }

  get tables(): StreamTables {
    return this.#links.tables;
  }

  get sliceOptions(): SliceLoadOptions {
    return this.#links.sliceOptions;
  }

  /**
   * Runs `work`, and runs it again from its beginning when the connection breaks under it or a
   * statement is refused for now. It must leave nothing behind when it fails.
   */
  async redo<T>(work: () => Promise<T>): Promise<T> {
    for (let refusals = 0; ; refusals += 1) {
      try {
        return await work();
      } catch (error) {
        await this.#recover(error, refusals);
      }
    }
  }

  /**
   * Takes the leases of the accounts that are not held yet, in one order for all processes. Throws
   * `ZoneChangedError` for one whose rows are dated in another time zone.
   */
  async lease(accounts: readonly string[]): Promise<void> {
    const { tables, leases } = this.#links;
    await tables.ensureBookkeeping();
    await this.#refuseOtherZones(accounts);
    for (const accountId of [...accounts].sort()) {
      await leases.acquire(accountId, this.#options.signal);
    }
  }

  /** Throws `StaleRunError` when an account holds data of a run that began later. */
  async refuseStale(accounts: readonly string[], run: RunMark): Promise<void> {
    for (const accountId of accounts) await this.#links.leases.refuseStale(accountId, run);
  }

  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    if (accounts.length === 0) return [];
    const rows = await this.#links.control.rows(
      this.sliceOptions.statements
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
    const rows = await this.#links.control.rows(
      this.sliceOptions.statements
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
  async isPoorer({ mark, ledger, changes }: SliceClosing): Promise<boolean> {
    const held = await this.sliceOptions.transaction.ledgerOf(mark);
    return decideSlice(mark, ledger, held, changes).outcome.kind === 'kept_better';
  }

  /** Ledger rows and states without data, all of them or none. */
  async enter(entries: Entries): Promise<void> {
    if (entries.ledger.length === 0 && entries.changes.length === 0) return;
    const { transaction } = this.sliceOptions;
    await this.data.transaction(async () => {
      for (const accountId of accountsOf(entries)) await transaction.lock(accountId, entries.run);
      await transaction.enter(entries);
    });
  }

  async close(): Promise<void> {
    const { data, control, leases } = this.#links;
    try {
      await leases.release();
    } catch (error) {
      // The sessions end with this, and with them what they hold.
      if (!(error instanceof ConnectionError)) throw error;
    } finally {
      await data.close();
      await control.close();
    }
  }

  /** Returns once it makes sense to try again; throws `error` when it does not. */
  async #recover(error: unknown, refusals: number): Promise<void> {
    const { signal, logger = silentLogger } = this.#options;
    const isPassing = error instanceof WarehouseError && error.disposition === 'retriable';
    if (!isPassing || signal?.aborted === true) throw error;
    const isLost = error instanceof ConnectionError;
    if (!isLost && refusals >= MAX_REFUSALS) throw error;
    logger.warn(
      { reason: error.message },
      isLost ? 'warehouse.reconnecting' : 'warehouse.retrying',
    );
    if (isLost) await this.#reconnect(error);
    else await systemClock.sleep(RETRY_PAUSE_MS, signal);
  }

  async #refuseOtherZones(accounts: readonly string[]): Promise<void> {
    const added = this.#zones.newOf(accounts);
    if (added.length > 0) this.#zones.admit(added, await this.#knownAccounts());
  }

  /** The accounts that states and ledger are about; of the ledger each costs a look at its index. */
  async #knownAccounts(): Promise<Set<string>> {
    const { statements, schema } = this.sliceOptions;
    const [ledger, state] = ['extractions', '_traffic_events_state'].map((table) =>
      sql.id(schema, table),
    );
    const rows = await this.#links.control.rows(
      sql<{ account_id: string }>`
        WITH RECURSIVE entered AS (
          (SELECT account_id FROM ${ledger} ORDER BY account_id LIMIT 1)
          UNION ALL
          SELECT (SELECT l.account_id FROM ${ledger} l WHERE l.account_id > entered.account_id
                   ORDER BY l.account_id LIMIT 1)
            FROM entered WHERE entered.account_id IS NOT NULL
        )
        SELECT account_id FROM entered WHERE account_id IS NOT NULL
        UNION SELECT account_id FROM ${state}`.compile(statements),
    );
    return new Set(rows.map((row) => row.account_id));
  }

  async #reconnect(loss: ConnectionError): Promise<void> {
    const held = this.#links.leases.give();
    const waitMs = this.#options.reconnectForMs ?? DEFAULT_RECONNECT_FOR_MS;
    const deadlineMs = systemClock.now() + waitMs;
    for (;;) {
      await Promise.all([this.#links.data.close(), this.#links.control.close()]);
      try {
        this.#links = await linkWarehouse(this.#options, held);
        await this.lease([...held.keys()]);
        return;
      } catch (error) {
        const isPassing = error instanceof ConnectionError && error.disposition === 'retriable';
        if (!isPassing || systemClock.now() > deadlineMs) {
          throw isPassing ? loss : error;
        }
        await systemClock.sleep(RETRY_PAUSE_MS, this.#options.signal);
      }
    }
  }
}
