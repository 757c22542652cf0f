import { WarehouseError } from '../../errors.ts';
import type { HeldLease, LeaseStore, LeaseTaking } from '../../leases/lease-keeper.ts';
import { LEASE_LOST } from './lease-rows.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { Semaphore } from '../jobs/semaphore.ts';
import { holderText, inThisProcess, mayLive, readHolder, thisHolder } from './lease-holder.ts';
import { heartbeatSql, leasesSql, releaseLeasesSql, takeLeasesSql } from './lease-sql.ts';
import type { KnownAccountRow, LeaseRow } from './lease-sql.ts';

interface BigQueryLeasesOptions {
  readonly connection: BigQueryConnection;
  /** Statements on the lease table take turns with this process's own transactions. */
  readonly statements: Semaphore;
  /** What is committed with the leases that are given back. */
  readonly last: () => string;
}

/** The table of leases. A lease is held by a process, whose signs of life are jobs that are billed. */
export class BigQueryLeases implements LeaseStore {
  readonly #options: BigQueryLeasesOptions;
  readonly #holder = thisHolder();

  constructor(options: BigQueryLeasesOptions) {
    this.#options = options;
  }

  async look(accounts: readonly string[]) {
    const rows = await this.#options.connection.rows<LeaseRow | KnownAccountRow>(
      'read',
      leasesSql(this.#dataset, accounts),
    );
    const leases = rows.filter((row): row is LeaseRow => row.epoch !== null);
    const known = rows.filter(({ epoch }) => epoch === null);
    return {
      leases: new Map(leases.map((row) => [row.account_id, this.#seen(row)])),
      known: new Set(known.map(({ account_id }) => account_id)),
    };
  }

  /** All in one transaction, or none. */
  async take(takings: readonly LeaseTaking[], now: Date): Promise<readonly LeaseTaking[]> {
    const held = { holder: holderText(this.#holder), heartbeatAt: now.toISOString() };
    try {
      await this.#change(takeLeasesSql(this.#dataset, takings, held));
    } catch (error) {
      if (error instanceof WarehouseError && error.message.includes(LEASE_LOST)) return [];
      throw error;
    }
    inThisProcess.add(this.#holder.token);
    return takings;
  }

  /** A commit that is under way, or waits, brings the heartbeat of every lease along. */
  async beat(leases: readonly HeldLease[], now: Date): Promise<void> {
    if (this.#options.statements.isBusy) return;
    await this.#change(heartbeatSql(this.#dataset, leases, now.toISOString()));
  }

  async release(leases: readonly HeldLease[]): Promise<void> {
    inThisProcess.delete(this.#holder.token);
    await this.#change(releaseLeasesSql(this.#dataset, leases, this.#options.last()));
  }

  get #dataset(): string {
    return this.#options.connection.datasetName;
  }

  #seen({ epoch, run_id, run_started_at, heartbeat_at, holder: text }: LeaseRow) {
    const holder = readHolder(text ?? '');
    return {
      epoch,
      run_id,
      run_started_at: run_started_at === null ? null : new Date(run_started_at),
      heartbeatMs: heartbeat_at === null ? undefined : Date.parse(heartbeat_at),
      backendPid: holder?.pid,
      holderName: `process ${holder?.pid} on ${holder?.host}`,
      isBackendAlive: holder !== undefined && mayLive(holder, this.#holder),
    };
  }

  #change(statement: string): Promise<number> {
    const { connection, statements } = this.#options;
    return statements.run(() =>
      connection.execute({ kind: 'lease', identity: [crypto.randomUUID()] }, statement),
    );
  }
}
