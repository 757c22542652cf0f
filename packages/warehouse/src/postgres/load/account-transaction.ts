import type { Clock } from '@traffic-events/client';
import type { LedgerRow, PartitionChange, RunMark } from '@traffic-events/slice';
import { sql } from 'kysely';
import { accountsOf } from '../../slices/entries.ts';
import type { Entries } from '../../slices/entries.ts';
import { LeaseLostError } from '../../errors.ts';
import { isHeld } from '../../slices/slice-decision.ts';
import type { LedgerCopy } from '../../slices/slice-decision.ts';
import { IS_HOLDING, IS_PASSING } from '../../slices/status-sql.ts';
import { refuseStaleRun } from '../../leases/stale-run.ts';
import type { CommittedRun } from '../../leases/stale-run.ts';
import type { LeaseKeeper } from '../../leases/lease-keeper.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { StatementBuilder } from '../tables/warehouse-tables.ts';

export interface AccountTransactionOptions {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
  readonly leases: LeaseKeeper;
  /** API time, for when a state was saved. */
  readonly clock: Clock;
}

/**
 * The statements with which every transaction on accounts begins its end: the lease rows are locked
 * and checked, and, as the last thing before COMMIT, updated where the epoch is still ours.
 */
export class AccountTransaction {
  readonly #options: AccountTransactionOptions;

  constructor(options: AccountTransactionOptions) {
    this.#options = options;
  }

  /** Locks the lease row. Throws when another run has it, or has committed something later. */
  async lock(accountId: string, run: RunMark): Promise<void> {
    refuseStaleRun(accountId, run, await this.hold(accountId));
  }

  /** Locks the lease row, so that nobody takes it before the end. Throws when another run has it. */
  async hold(accountId: string): Promise<CommittedRun> {
    const { connection, statements, leases } = this.#options;
    const [row] = await connection.rows(
      statements
        .selectFrom('_traffic_events_leases')
        .select(['epoch', 'run_id', 'run_started_at'])
        .where('account_id', '=', accountId)
        .forUpdate()
        .compile(),
    );
    if (row?.epoch !== leases.epochOf(accountId)) throw new LeaseLostError(accountId);
    return row;
  }

  /** What the ledger says of the copies of a slice. */
  async ledgerOf(slice: {
    readonly stream: string;
    readonly account_id: string;
    readonly event_date: string;
  }): Promise<LedgerCopy[]> {
    const { connection, statements } = this.#options;
    const rows = await connection.rows(
      statements
        .selectFrom('extractions')
        .select([
          'status',
          'execution_id',
          'create_time',
          'row_count',
          'sums',
          'complete',
          'settled',
          'suspect',
          'fingerprint',
        ])
        .where('stream', '=', slice.stream)
        .where('account_id', '=', slice.account_id)
        .where('event_date', '=', slice.event_date)
        .compile(),
    );
    return rows.map((row) => ({
      ...row,
      create_time: row.create_time?.toISOString() ?? null,
      row_count: row.row_count === null ? null : Number(row.row_count),
    }));
  }

  /** Enters ledger rows and states, and seals the transaction with the leases. */
  async enter(entries: Entries): Promise<void> {
    for (const row of entries.ledger) await this.#enterLedgerRow(row);
    for (const change of entries.changes) await this.#saveState(change, entries.run);
    for (const accountId of accountsOf(entries)) await this.#seal(accountId, entries.run);
  }

  async #enterLedgerRow(row: LedgerRow): Promise<void> {
    // A state that was lost may say so of what is held.
    if (row.status === 'missed' && isHeld(await this.ledgerOf(row))) return;
    const { connection, statements } = this.#options;
    const { extraction_id, ...rest } = { ...row, sums: JSON.stringify(row.sums) };
    await connection.change(
      statements
        .insertInto('extractions')
        .values({ extraction_id, ...rest })
        .onConflict((conflict) =>
          conflict
            .column('extraction_id')
            .doUpdateSet(rest)
            // What says that rows are held is never rewritten by what says that they are not.
            .where(
              sql<boolean>`NOT (extractions.status ${sql.raw(IS_HOLDING)} AND excluded.status ${sql.raw(IS_PASSING)})`,
            ),
        )
        .compile(),
    );
  }

  async #saveState(change: PartitionChange, run: RunMark): Promise<void> {
    const { connection, statements, clock } = this.#options;
    const values = {
      state: JSON.stringify(change.state),
      run_id: run.id,
      saved_at: new Date(clock.now()),
    };
    await connection.change(
      statements
        .insertInto('_traffic_events_state')
        .values({ stream: change.stream, account_id: change.accountId, ...values })
        .onConflict((conflict) => conflict.columns(['stream', 'account_id']).doUpdateSet(values))
        .compile(),
    );
  }

  async #seal(accountId: string, run: RunMark): Promise<void> {
    const { connection, statements, leases } = this.#options;
    const changed = await connection.change(
      statements
        .updateTable('_traffic_events_leases')
        .set({ run_id: run.id, run_started_at: run.started_at })
        .where('account_id', '=', accountId)
        .where('epoch', '=', leases.epochOf(accountId))
        .compile(),
    );
    if (changed !== 1) throw new LeaseLostError(accountId);
  }
}
