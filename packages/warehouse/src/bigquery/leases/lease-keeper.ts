import type { Clock } from '@traffic-events/client';
import type { RunMark } from '@traffic-events/slice';
import { AccountZones } from '../../leases/account-zones.ts';
import { LeaseBusyError, WarehouseError } from '../../errors.ts';
import { judgeLease } from '../../leases/lease-verdict.ts';
import type { LeaseVerdict } from '../../leases/lease-verdict.ts';
import type { Logger } from '../../logger.ts';
import { refuseStaleRun } from '../../leases/stale-run.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import { LEASE_LOST } from '../commit/commit-script.ts';
import type { HeldLease } from '../commit/commit-script.ts';
import { holderText, inThisProcess, mayLive, readHolder, thisHolder } from './lease-holder.ts';
import { heartbeatSql, leasesSql, releaseLeasesSql, takeLeasesSql } from './lease-sql.ts';
import type { KnownAccountRow, LeaseRow } from './lease-sql.ts';
import type { Turns } from '../jobs/turns.ts';

export interface LeaseTimings {
  /** How often a holder that commits nothing shows that it lives. */
  readonly heartbeatMs: number;
  /** How long after its last sign of life a holder counts as gone. */
  readonly staleAfterMs: number;
  /** How long to wait for a holder that may just be going away. */
  readonly busyWaitMs: number;
}

/** Every heartbeat is a job that is billed, so they are rarer than on PostgreSQL. */
export const DEFAULT_LEASE_TIMINGS: LeaseTimings = {
  heartbeatMs: 60_000,
  staleAfterMs: 300_000,
  busyWaitMs: 5000,
};

interface LeaseKeeperOptions {
  readonly connection: BigQueryConnection;
  /** Statements on the lease table take turns with this process's own transactions. */
  readonly turns: Turns;
  /** Wall time: a lease is about processes, not about events. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: LeaseTimings;
}

const POLL_MS = 500;

/** Holds the leases of this process and shows that it lives. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #holder = thisHolder();
  readonly #held = new Map<string, HeldLease>();
  readonly #committed = new Map<string, Pick<LeaseRow, 'run_id' | 'run_started_at'>>();
  readonly #zones = new AccountZones();
  readonly #stop = new AbortController();
  #heartbeats: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** The epochs under which this process writes to the accounts. */
  leasesOf(accounts: readonly string[]): HeldLease[] {
    return accounts.map((accountId) => {
      const lease = this.#held.get(accountId);
      if (lease !== undefined) return lease;
      throw new WarehouseError(`Account ${accountId} is written to without a lease.`, {
        code: 'LEASE_MISSING',
        disposition: 'fatal',
      });
    });
  }

  /**
   * Takes the leases of accounts, all in one transaction: at once where they are free or their
   * holders are gone. Throws `LeaseBusyError` when a living one keeps one of them, and
   * `ZoneChangedError` for an account whose rows are dated in another time zone.
   */
  async acquire(accounts: readonly string[], signal?: AbortSignal): Promise<void> {
    const wanted = accounts.filter((accountId) => !this.#held.has(accountId)).sort();
    if (wanted.length === 0) return;
    const { clock, timings } = this.#options;
    const deadlineMs = clock.now() + timings.busyWaitMs;
    for (;;) {
      const { leases: seen, known } = await this.#look(wanted);
      this.#zones.admit(wanted, known);
      const busy = wanted
        .map((accountId) => [accountId, this.#judge(seen.get(accountId))] as const)
        .find(([, verdict]) => verdict.kind === 'busy');
      if (busy === undefined) {
        if (await this.#take(wanted, seen)) return;
      } else if (clock.now() >= deadlineMs && busy[1].kind === 'busy') {
        throw new LeaseBusyError(busy[0], busy[1].holder);
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  /** Throws `StaleRunError` when an account holds data of a run that began later. */
  refuseStale(accountId: string, run: RunMark): void {
    const committed = this.#committed.get(accountId);
    if (committed === undefined) return;
    const { run_id, run_started_at } = committed;
    refuseStaleRun(accountId, run, {
      run_id,
      run_started_at: run_started_at === null ? null : new Date(run_started_at),
    });
  }

  /** To be called after a commit: it is a sign of life too. */
  noteCommitted(accounts: readonly string[], run: RunMark): void {
    for (const accountId of accounts) {
      this.#committed.set(accountId, { run_id: run.id, run_started_at: run.started_at });
    }
  }

  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** Ends the heartbeats: from here on nothing is submitted that was not asked for. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#heartbeats;
  }

  /** Gives every lease back, so that the next run need not wait; `last` is committed with it. */
  async release(last: string): Promise<void> {
    inThisProcess.delete(this.#holder.token);
    await this.#change(releaseLeasesSql(this.#dataset, [...this.#held.values()], last));
    this.#held.clear();
  }

  get #dataset(): string {
    return this.#options.connection.datasetName;
  }

  async #look(accounts: readonly string[]) {
    const rows = await this.#options.connection.rows<LeaseRow | KnownAccountRow>(
      'read',
      leasesSql(this.#dataset, accounts),
    );
    const leases = rows.filter((row): row is LeaseRow => row.epoch !== null);
    const known = rows.filter(({ epoch }) => epoch === null);
    return {
      leases: new Map(leases.map((row) => [row.account_id, row])),
      known: new Set(known.map(({ account_id }) => account_id)),
    };
  }

  #judge(row: LeaseRow | undefined): LeaseVerdict {
    const { clock, timings } = this.#options;
    const holder = readHolder(row?.holder ?? '');
    if (row === undefined || row.heartbeat_at === null || holder === undefined) {
      return { kind: 'free' };
    }
    const verdict = judgeLease(
      {
        epoch: row.epoch,
        runId: row.run_id,
        heartbeatMs: Date.parse(row.heartbeat_at),
        backendPid: holder.pid,
        isBackendAlive: mayLive(holder, this.#holder),
        holderName: `process ${holder.pid} on ${holder.host}`,
      },
      { nowMs: clock.now(), staleAfterMs: timings.staleAfterMs, ownEpoch: undefined },
    );
    return verdict;
  }

  /** Compare-and-set on the epochs: of several that try, one succeeds. */
  async #take(accounts: readonly string[], seen: ReadonlyMap<string, LeaseRow>): Promise<boolean> {
    const takings = accounts.map((accountId) => {
      const from = seen.get(accountId)?.epoch;
      return { accountId, from, to: String(BigInt(from ?? '0') + 1n) };
    });
    const held = { holder: holderText(this.#holder), heartbeatAt: this.#now() };
    try {
      await this.#change(takeLeasesSql(this.#dataset, takings, held));
    } catch (error) {
      if (error instanceof WarehouseError && error.message.includes(LEASE_LOST)) return false;
      throw error;
    }
    for (const { accountId, to } of takings) {
      this.#held.set(accountId, { accountId, epoch: to });
      const row = seen.get(accountId);
      if (row !== undefined) this.#committed.set(accountId, row);
    }
    inThisProcess.add(this.#holder.token);
    this.#heartbeats ??= this.#beat();
    return true;
  }

  #change(statement: string): Promise<number> {
    const { connection, turns } = this.#options;
    return turns.take(() =>
      connection.execute({ kind: 'lease', identity: [crypto.randomUUID()] }, statement),
    );
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  async #beat(): Promise<void> {
    const { clock, timings, logger } = this.#options;
    try {
      for (;;) {
        await clock.sleep(timings.heartbeatMs, this.#stop.signal);
        await this.#change(heartbeatSql(this.#dataset, [...this.#held.values()], this.#now()));
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
