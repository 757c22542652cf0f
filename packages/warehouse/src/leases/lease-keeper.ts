import type { Clock } from '@traffic-events/client';
import type { RunMark } from '@traffic-events/slice';
import { LeaseBusyError, LeaseLostError, WarehouseError } from '../errors.ts';
import type { Logger } from '@traffic-events/client';
import { AccountZones } from './account-zones.ts';
import { judgeLease } from './lease-verdict.ts';
import type { LeaseVerdict, SeenLease } from './lease-verdict.ts';
import { refuseStaleRun } from './stale-run.ts';
import type { CommittedRun } from './stale-run.ts';

export interface LeaseTimings {
  /** How often a holder shows that it lives. */
  readonly heartbeatMs: number;
  /** How long after its last sign of life a holder counts as stuck, or gone. */
  readonly staleAfterMs: number;
  /** How long to wait for a holder that may just be going away. */
  readonly busyWaitMs: number;
}

export interface HeldLease {
  readonly accountId: string;
  readonly epoch: string;
}

/** What is to become of a lease: a new row where `from` is undefined. */
export interface LeaseTaking {
  readonly accountId: string;
  /** The epoch that was seen. */
  readonly from: string | undefined;
  readonly to: string;
}

/** The rows of leases in a warehouse. */
export interface LeaseStore {
  /**
   * Leases of these accounts in whatever time zone, by account, and which accounts states and ledger
   * are about, likewise.
   */
  look(accounts: readonly string[]): Promise<{
    readonly leases: ReadonlyMap<string, SeenLease & CommittedRun>;
    readonly known: ReadonlySet<string>;
  }>;
  /** Compare-and-set on the epochs, in their order. Answers those that were taken. */
  take(takings: readonly LeaseTaking[], now: Date): Promise<readonly LeaseTaking[]>;
  beat(leases: readonly HeldLease[], now: Date): Promise<void>;
  release(leases: readonly HeldLease[]): Promise<void>;
  /** Ends the database session of a holder that stands still; absent where no session holds. */
  terminate?(pid: number): Promise<void>;
}

interface LeaseKeeperOptions {
  readonly store: LeaseStore;
  /** Wall time: a lease is about processes, not about events. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: LeaseTimings;
  /** How often to look whether a lease that is held by another has become free. */
  readonly pollMs: number;
}

/** Holds the leases of this process and shows that it lives. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #zones = new AccountZones();
  readonly #epochs = new Map<string, string>();
  /** Epochs under which leases were held over a connection that is lost. */
  readonly #lost = new Map<string, string>();
  readonly #committed = new Map<string, CommittedRun>();
  #stop = new AbortController();
  #heartbeats: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  get isHolding(): boolean {
    return this.#epochs.size > 0;
  }

  get held(): HeldLease[] {
    return this.leasesOf([...this.#epochs.keys()]);
  }

  /** The epoch under which this process writes to the account. */
  epochOf(accountId: string): string {
    const epoch = this.#epochs.get(accountId);
    if (epoch !== undefined) return epoch;
    throw new WarehouseError(`Account ${accountId} is written to without a lease.`, {
      code: 'lease_missing',
      action: 'fatal',
    });
  }

  leasesOf(accounts: readonly string[]): HeldLease[] {
    return accounts.map((accountId) => ({ accountId, epoch: this.epochOf(accountId) }));
  }

  /**
   * Takes the leases of accounts, in one order for all processes: at once where they are free or
   * their holders are gone, and from holders that are stuck. Throws `LeaseBusyError` when a living
   * one keeps one of them, and `ZoneChangedError` for an account whose rows are dated in another
   * time zone, or are about to be by another process.
   */
  async acquire(accounts: readonly string[], signal?: AbortSignal): Promise<void> {
    const { clock, store, timings, pollMs } = this.#options;
    const deadlineMs = clock.now() + timings.busyWaitMs;
    for (;;) {
      const wanted = accounts.filter((accountId) => !this.#epochs.has(accountId)).sort();
      if (wanted.length === 0) return;
      const { leases, known } = await store.look(wanted);
      this.#admit(wanted, leases, known);
      const verdicts = wanted.map((account) => [account, this.#judge(account, leases)] as const);
      const busy = verdicts.find(([, verdict]) => verdict.kind === 'busy');
      if (busy === undefined) {
        await this.#endStuck(verdicts);
        if (await this.#take(wanted, leases)) return this.#confirmZones(wanted, known);
      } else if (clock.now() >= deadlineMs && busy[1].kind === 'busy') {
        throw new LeaseBusyError(busy[0], busy[1].holder);
      }
      await clock.sleep(pollMs, signal);
    }
  }

  /** Throws `StaleRunError` when an account holds data of a run that began later. */
  refuseStale(accounts: readonly string[], run: RunMark): void {
    for (const accountId of accounts) {
      const committed = this.#committed.get(accountId);
      if (committed !== undefined) refuseStaleRun(accountId, run, committed);
    }
  }

  /** To be called after a commit. */
  noteCommitted(accounts: readonly string[], run: RunMark): void {
    const committed = { run_id: run.id, run_started_at: new Date(run.started_at) };
    for (const accountId of accounts) this.#committed.set(accountId, committed);
  }

  /**
   * To be called when the connection is lost that leases are held over: they are taken again under
   * their own epochs, or the account is lost. Answers whose.
   */
  lose(): string[] {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#heartbeats = undefined;
    for (const [accountId, epoch] of this.#epochs) this.#lost.set(accountId, epoch);
    this.#epochs.clear();
    return [...this.#lost.keys()];
  }

  /** Ends the heartbeats: from here on nothing is submitted that was not asked for. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#heartbeats;
  }

  /** Gives every lease back, so that the next run need not wait. */
  async release(): Promise<void> {
    await this.rest();
    if (this.isHolding) await this.#options.store.release(this.held);
    this.#epochs.clear();
  }

  /** What others hold in another zone counts as theirs, though they have committed nothing yet. */
  #admit(
    wanted: readonly string[],
    leases: ReadonlyMap<string, SeenLease>,
    known: ReadonlySet<string>,
  ): void {
    const others = [...leases.keys()].filter(
      (id) => !wanted.includes(id) && !this.#epochs.has(id) && !this.#lost.has(id),
    );
    const held = others.filter((id) => this.#judge(id, leases).kind === 'busy');
    this.#zones.admit(wanted, new Set([...known, ...held]));
  }

  /**
   * Of two processes that took up a new account at once, each in another zone, at least one sees the
   * other's lease beside its own.
   */
  async #confirmZones(taken: readonly string[], known: ReadonlySet<string>): Promise<void> {
    const unknown = taken.filter((accountId) => !known.has(accountId));
    if (unknown.length === 0) return;
    const now = await this.#options.store.look(unknown);
    try {
      this.#admit(unknown, now.leases, now.known);
    } catch (error) {
      await this.#options.store.release(this.leasesOf(taken));
      for (const accountId of taken) this.#epochs.delete(accountId);
      this.#zones.forget(taken);
      throw error;
    }
  }

  #judge(accountId: string, leases: ReadonlyMap<string, SeenLease>): LeaseVerdict {
    const { clock, timings } = this.#options;
    const seen = leases.get(accountId);
    const ownEpoch = this.#lost.get(accountId);
    if (ownEpoch !== undefined && seen?.epoch !== ownEpoch) throw new LeaseLostError(accountId);
    return judgeLease(seen, {
      nowMs: clock.now(),
      staleAfterMs: timings.staleAfterMs,
      ownEpoch,
    });
  }

  async #endStuck(verdicts: readonly (readonly [string, LeaseVerdict])[]): Promise<void> {
    const { store, logger } = this.#options;
    for (const [account_id, verdict] of verdicts) {
      if (verdict.kind !== 'stuck' || store.terminate === undefined) continue;
      logger.warn({ account_id, backend_pid: verdict.pid }, 'lease.terminating');
      await store.terminate(verdict.pid);
    }
  }

  /** Of several processes that try, one succeeds. */
  async #take(
    accounts: readonly string[],
    leases: ReadonlyMap<string, SeenLease & CommittedRun>,
  ): Promise<boolean> {
    const { store, clock } = this.#options;
    const takings = accounts.map((accountId) => {
      const from = leases.get(accountId)?.epoch;
      return { accountId, from, to: String(BigInt(from ?? '0') + 1n) };
    });
    const taken = await store.take(takings, new Date(clock.now()));
    for (const { accountId, to } of taken) {
      this.#epochs.set(accountId, to);
      this.#lost.delete(accountId);
      const committed = leases.get(accountId);
      if (committed !== undefined) this.#committed.set(accountId, committed);
    }
    if (taken.length > 0) this.#heartbeats ??= this.#beat(this.#stop.signal);
    return taken.length === accounts.length;
  }

  async #beat(stop: AbortSignal): Promise<void> {
    const { clock, timings, logger, store } = this.#options;
    try {
      for (;;) {
        await clock.sleep(timings.heartbeatMs, stop);
        await store.beat(this.held, new Date(clock.now()));
      }
    } catch (error) {
      if (stop.aborted) return;
      // The epoch still fences what this process writes; others may now take the accounts over.
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'lease.silent',
      );
    }
  }
}
