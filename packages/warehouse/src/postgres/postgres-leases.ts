import { rawAccountOf } from '@traffic-events/slice';
import { sql } from 'kysely';
import type { CompiledQuery } from 'kysely';
import type { HeldLease, LeaseStore, LeaseTaking } from '../leases/lease-keeper.ts';
import type { Backend, PostgresConnection } from './connection/postgres-connection.ts';
import type { StatementBuilder } from './tables/warehouse-tables.ts';

interface PostgresLeasesOptions {
  readonly statements: StatementBuilder;
  readonly schema: string;
}

interface LeaseRow {
  readonly account_id: string;
  readonly epoch: string;
  readonly run_id: string | null;
  readonly run_started_at: Date | null;
  readonly heartbeat_at: Date | null;
  readonly backend_pid: number | null;
  readonly is_alive: boolean;
}

/**
 * The table of leases. A lease is held by a database session, and lives as long as it does; where the
 * session is a pooler's, it is held by its heartbeats alone.
 */
export class PostgresLeases implements LeaseStore {
  readonly #options: PostgresLeasesOptions;
  #session:
    | { readonly connection: PostgresConnection; readonly holder: Backend | undefined }
    | undefined;

  constructor(options: PostgresLeasesOptions) {
    this.#options = options;
  }

  /** Goes over `connection` from now on, in the name of the session that loads beside it. */
  connect(connection: PostgresConnection, holder: Backend | undefined): void {
    this.#session = { connection, holder };
  }

  async look(accounts: readonly string[]) {
    const { statements, schema } = this.#options;
    const rows = await this.#rows(
      sql<LeaseRow>`
        SELECT l.account_id, l.epoch, l.run_id, l.run_started_at, l.heartbeat_at, l.backend_pid,
               l.backend_pid IS NULL OR a.pid IS NOT NULL AS is_alive
          FROM ${sql.id(schema, '_traffic_events_leases')} l
          LEFT JOIN pg_stat_activity a
            ON a.pid = l.backend_pid
           -- hidden from roles that may not see the sessions of others
           AND (a.backend_start IS NULL OR a.backend_start = l.backend_start)
         WHERE l.account_id = ANY(${[...accounts]})
            OR split_part(l.account_id, '@', 1) = ANY(${accounts.map(rawAccountOf)})`.compile(
        statements,
      ),
    );
    const leases = rows.map(({ heartbeat_at, backend_pid, is_alive, ...row }) => {
      const signs = { heartbeatMs: heartbeat_at?.getTime(), isBackendAlive: is_alive };
      return [row.account_id, { ...row, ...signs, backendPid: backend_pid ?? undefined }] as const;
    });
    return { leases: new Map(leases), known: await this.#knownAccounts() };
  }

  /** One after the other, so that of two processes that want the same ones, one gets all of them. */
  async take(takings: readonly LeaseTaking[], now: Date): Promise<LeaseTaking[]> {
    const { statements } = this.#options;
    const { connection, holder } = this.#connected;
    const signs = {
      heartbeat_at: now,
      backend_pid: holder?.pid ?? null,
      backend_start: holder?.startedAt ?? null,
    };
    const taken: LeaseTaking[] = [];
    for (const taking of takings) {
      const { accountId, from, to } = taking;
      const query =
        from === undefined
          ? statements
              .insertInto('_traffic_events_leases')
              .values({ account_id: accountId, epoch: to, ...signs })
              .onConflict((conflict) => conflict.doNothing())
          : statements
              .updateTable('_traffic_events_leases')
              .set({ epoch: to, ...signs })
              .where('account_id', '=', accountId)
              .where('epoch', '=', from);
      const compiled = query.compile();
      if ((await connection.transaction(() => connection.change(compiled))) === 0) return taken;
      taken.push(taking);
    }
    return taken;
  }

  async beat(leases: readonly HeldLease[], now: Date): Promise<void> {
    for (const lease of leases) await this.#update(lease, { heartbeat_at: now });
  }

  async release(leases: readonly HeldLease[]): Promise<void> {
    const none = { heartbeat_at: null, backend_pid: null, backend_start: null };
    for (const lease of leases) await this.#update(lease, none);
  }

  async terminate(pid: number): Promise<void> {
    await this.#rows(
      sql`SELECT pg_terminate_backend(${pid}::int, 5000)`.compile(this.#options.statements),
    );
  }

  get #connected() {
    if (this.#session === undefined) throw new TypeError('leases are looked at before connecting');
    return this.#session;
  }

  async #update(
    { accountId, epoch }: HeldLease,
    values: { heartbeat_at: Date | null; backend_pid?: null; backend_start?: null },
  ): Promise<void> {
    await this.#rows(
      this.#options.statements
        .updateTable('_traffic_events_leases')
        .set(values)
        .where('account_id', '=', accountId)
        .where('epoch', '=', epoch)
        .compile(),
    );
  }

  /** In a transaction of its own: tables are made over the same connection, in some that may fail. */
  #rows<Row>(query: CompiledQuery<Row>): Promise<Row[]> {
    const { connection } = this.#connected;
    return connection.transaction(() => connection.rows(query));
  }

  /** The accounts that states and ledger are about; of the ledger each costs a look at its index. */
  async #knownAccounts(): Promise<Set<string>> {
    const { statements, schema } = this.#options;
    const [ledger, state] = ['extractions', '_traffic_events_state'].map((table) =>
      sql.id(schema, table),
    );
    const rows = await this.#rows(
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
}
