import type { Clock } from '@traffic-events/client';
import type { RunMark } from '@traffic-events/slice';
import { sql } from 'kysely';
import { LeaseBusyError, LeaseLostError, WarehouseError } from '../errors.ts';
import { judgeLease } from '../leases/lease-verdict.ts';
import type { SeenLease } from '../leases/lease-verdict.ts';
import type { Logger } from '../logger.ts';
import { refuseStaleRun } from '../leases/stale-run.ts';
import type { Backend, PostgresConnection } from './connection/postgres-connection.ts';
import type { StatementBuilder } from './tables/warehouse-tables.ts';

export interface LeaseTimings {
  /** How often the holder shows that it lives. */
  readonly heartbeatMs: number;
  /** How long after its last heartbeat a holder counts as stuck. */
  readonly staleAfterMs: number;
  /** How long to wait for a holder that may just be going away. */
  readonly busyWaitMs: number;
}

export const DEFAULT_LEASE_TIMINGS: LeaseTimings = {
  heartbeatMs: 5000,
  staleAfterMs: 60_000,
  busyWaitMs: 3000,
};

/** Epochs by account. */
export type HeldLeases = ReadonlyMap<string, string>;

interface LeaseKeeperOptions {
  /** The connection for heartbeats, apart from the one that loads. */
  readonly connection: PostgresConnection;
  /** Backend of the connection that loads: the lease lives as long as it does. */
  readonly holder: Backend;
  /** Leases that this process took over a connection that it has lost. */
  readonly held: HeldLeases;
  readonly statements: StatementBuilder;
  readonly schema: string;
  /** Wall time: a lease is about processes, not about events. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: LeaseTimings;
}

const POLL_MS = 100;

/** Holds the leases of this process and shows that it lives. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #epochs = new Map<string, string>();
  readonly #stop = new AbortController();
  #heartbeats: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** The epoch under which this process writes to the account. */
  epochOf(accountId: string): string {
    const epoch = this.#epochs.get(accountId);
    if (epoch !== undefined) return epoch;
    throw new WarehouseError(`Account ${accountId} is written to without a lease.`, {
      code: 'LEASE_MISSING',
      disposition: 'fatal',
    });
  }

  /**
   * Takes the lease of an account: at once where it is free or its holder is gone, and from a holder
   * that is stuck. Throws `LeaseBusyError` when a living one keeps it.
   */
  async acquire(accountId: string, signal?: AbortSignal): Promise<void> {
    if (this.#epochs.has(accountId)) return;
    const { clock, timings, logger, held } = this.#options;
    const deadlineMs = clock.now() + timings.busyWaitMs;
    for (;;) {
      const seen = await this.#look(accountId);
      const ownEpoch = held.get(accountId);
      if (ownEpoch !== undefined && seen?.epoch !== ownEpoch) throw new LeaseLostError(accountId);
      const verdict = judgeLease(seen, {
        nowMs: clock.now(),
        staleAfterMs: timings.staleAfterMs,
        ownEpoch,
      });
      if (verdict.kind === 'busy') {
        if (clock.now() >= deadlineMs) throw new LeaseBusyError(accountId, verdict.holder);
      } else {
        if (verdict.kind === 'stuck') {
          logger.warn({ account_id: accountId, backend_pid: verdict.pid }, 'lease.terminating');
          await this.#terminate(verdict.pid);
        }
        const epoch = await this.#take(accountId, seen?.epoch);
        if (epoch !== undefined) {
          this.#hold(accountId, epoch);
          return;
        }
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  /** Throws `StaleRunError` when the account holds data of a run that began later. */
  async refuseStale(accountId: string, run: RunMark): Promise<void> {
    const { connection, statements } = this.#options;
    const [row] = await connection.rows(
      statements
        .selectFrom('_traffic_events_lease')
        .select(['run_id', 'run_started_at'])
        .where('account_id', '=', accountId)
        .compile(),
    );
    if (row !== undefined) refuseStaleRun(accountId, run, row);
  }

  /** Stops showing life. Answers what was held, for the keeper that follows on new connections. */
  give(): HeldLeases {
    this.#stop.abort();
    return new Map([...this.#options.held, ...this.#epochs]);
  }

  /** Gives every lease back, so that the next run need not wait. */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#heartbeats;
    const { connection, statements } = this.#options;
    for (const [accountId, epoch] of this.#epochs) {
      await connection.change(
        statements
          .updateTable('_traffic_events_lease')
          .set({ heartbeat_at: null, backend_pid: null, backend_start: null })
          .where('account_id', '=', accountId)
          .where('epoch', '=', epoch)
          .compile(),
      );
    }
    this.#epochs.clear();
  }

  #hold(accountId: string, epoch: string): void {
    this.#epochs.set(accountId, epoch);
    this.#heartbeats ??= this.#beat();
  }

  async #look(accountId: string): Promise<SeenLease | undefined> {
    const { connection, statements, schema } = this.#options;
    const [row] = await connection.rows(
      sql<SeenLeaseRow>`
        SELECT l.epoch, l.run_id, l.heartbeat_at, l.backend_pid, a.pid IS NOT NULL AS is_alive
          FROM ${sql.id(schema, '_traffic_events_lease')} l
          LEFT JOIN pg_stat_activity a
            ON a.pid = l.backend_pid
           -- hidden from roles that may not see the sessions of others
           AND (a.backend_start IS NULL OR a.backend_start = l.backend_start)
         WHERE l.account_id = ${accountId}`.compile(statements),
    );
    if (row === undefined) return undefined;
    return {
      epoch: row.epoch,
      runId: row.run_id,
      heartbeatMs: row.heartbeat_at?.getTime(),
      backendPid: row.backend_pid ?? undefined,
      isBackendAlive: row.is_alive,
    };
  }

  /** Compare-and-set on the epoch: of several that try, one succeeds. */
  async #take(accountId: string, seenEpoch: string | undefined): Promise<string | undefined> {
    const { connection, statements, holder, clock } = this.#options;
    const held = {
      heartbeat_at: new Date(clock.now()),
      backend_pid: holder.pid,
      backend_start: holder.startedAt,
    };
    const query =
      seenEpoch === undefined
        ? statements
            .insertInto('_traffic_events_lease')
            .values({ account_id: accountId, epoch: 1, ...held })
            .onConflict((conflict) => conflict.doNothing())
            .returning('epoch')
        : statements
            .updateTable('_traffic_events_lease')
            .set({ epoch: sql`epoch + 1`, ...held })
            .where('account_id', '=', accountId)
            .where('epoch', '=', seenEpoch)
            .returning('epoch');
    const [row] = await connection.rows(query.compile());
    return row?.epoch;
  }

  async #terminate(pid: number): Promise<void> {
    const { connection, statements } = this.#options;
    await connection.rows(sql`SELECT pg_terminate_backend(${pid}::int, 5000)`.compile(statements));
  }

  async #beat(): Promise<void> {
    const { connection, statements, clock, timings, logger } = this.#options;
    try {
      for (;;) {
        await clock.sleep(timings.heartbeatMs, this.#stop.signal);
        for (const [accountId, epoch] of this.#epochs) {
          await connection.change(
            statements
              .updateTable('_traffic_events_lease')
              .set({ heartbeat_at: new Date(clock.now()) })
              .where('account_id', '=', accountId)
              .where('epoch', '=', epoch)
              .compile(),
          );
        }
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      // The epoch still fences what this process writes; others may now take the accounts over.
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'lease.silent',
      );
    }
  }
}

interface SeenLeaseRow {
  readonly epoch: string;
  readonly run_id: string | null;
  readonly heartbeat_at: Date | null;
  readonly backend_pid: number | null;
  readonly is_alive: boolean;
}
