import type { PartitionChange, RunMark, LedgerRow, SliceMark } from '@traffic-events/slice';
import { extractionIds } from '@traffic-events/slice';
import { sql } from 'kysely';
import { LeaseLostError } from '../../errors.ts';
import { refuseOtherRows } from '../../slices/open-slice.ts';
import { decideSlice, isHolding } from '../../slices/slice-decision.ts';
import type { SliceDecision } from '../../slices/slice-decision.ts';
import type { AccountTransaction, AccountTransactionOptions } from './account-transaction.ts';
import type { CopyIn } from './copy-in.ts';
import { qualified, quote } from '../connection/identifiers.ts';
import { partitionName } from '../tables/table-sql.ts';
import type { Partitions } from '../tables/partitions.ts';

export interface SliceLoadOptions extends AccountTransactionOptions {
  readonly transaction: AccountTransaction;
  readonly partitions: Partitions;
}

/** What a slice load needs to know before its first row. */
export interface SliceTarget {
  readonly stream: string;
  readonly table: string;
  /** Columns in the order in which rows will come. */
  readonly columns: readonly string[];
  /** How rows will come: in COPY's text format unless they come as CSV. */
  readonly format?: 'csv';
  /**
   * Whether the slice is known to apply: what is held then goes first, which spares looking for it
   * among the new rows.
   */
  readonly isExpected?: boolean;
  readonly accountId: string;
  readonly eventDate: string;
  readonly executionId: string;
}

/** What closes a slice: what was declared of it, its ledger row, and the state that says so. */
export interface SliceClosing {
  readonly mark: SliceMark;
  readonly ledger: LedgerRow;
  /** Ledger rows of other slices that came along. */
  readonly otherLedger: readonly LedgerRow[];
  /** States that are saved with it. */
  readonly changes: readonly PartitionChange[];
  /** All that is known of states; as `changes` unless given. */
  readonly states?: readonly PartitionChange[];
  readonly run: RunMark;
}

/**
 * The transaction that replaces a slice. Rows are copied in, and nobody sees them, nor misses those
 * that are held, before the closing has decided; a slice that is not applied is rolled back.
 */
export class SliceLoad {
  readonly target: SliceTarget;
  readonly #options: SliceLoadOptions;
  readonly #copy: CopyIn;

  private constructor(options: SliceLoadOptions, target: SliceTarget) {
    this.#options = options;
    this.target = target;
    this.#copy = options.connection.copyIn(copySql(options.schema, target));
  }

  static async begin(options: SliceLoadOptions, target: SliceTarget): Promise<SliceLoad> {
    await options.partitions.ensure(target.stream, target.table, target.eventDate);
    await options.connection.begin();
    try {
      await (target.isExpected === true
        ? removeRows(options, target)
        : removeRowsOfSameExecution(options, target));
      return new SliceLoad(options, target);
    } catch (error) {
      await options.connection.rollback();
      throw error;
    }
  }

  get copy(): CopyIn {
    return this.#copy;
  }

  /** Decides, enters and commits; what is held on to is entered as `kept_better`. */
  async close(closing: SliceClosing): Promise<SliceDecision> {
    const { connection } = this.#options;
    try {
      refuseOtherRows(closing.mark, await this.#copy.finish());
      const decision = await decide(this.#options, closing);
      if (decision.outcome.kind === 'applied') {
        if (this.target.isExpected !== true) await removeRows(this.#options, this.target, '<>');
        await this.#enter(closing, decision);
        await connection.commit();
        return decision;
      }
    } catch (error) {
      await connection.rollback();
      throw error;
    }
    await connection.rollback();
    return enterKept(this.#options, closing);
  }

  /** Leaves everything as it was. */
  async abandon(): Promise<void> {
    await this.#copy.abandon();
    await this.#options.connection.rollback();
  }

  #enter(closing: SliceClosing, decision: SliceDecision): Promise<void> {
    return this.#options.transaction.enter({
      ledger: [...closing.otherLedger, decision.ledger],
      changes: closing.changes,
      run: closing.run,
    });
  }
}

/** Enters a slice that is not applied. Should it apply after all, someone else has been writing. */
export async function enterKept(
  options: SliceLoadOptions,
  closing: SliceClosing,
): Promise<SliceDecision> {
  return options.connection.transaction(async () => {
    const decision = await decide(options, closing);
    if (decision.outcome.kind === 'applied') throw new LeaseLostError(closing.mark.account_id);
    await options.transaction.enter({
      ledger: [...closing.otherLedger, decision.ledger],
      changes: closing.changes,
      run: closing.run,
    });
    return decision;
  });
}

async function decide(options: SliceLoadOptions, closing: SliceClosing): Promise<SliceDecision> {
  const { mark, ledger, changes, states = changes, run } = closing;
  await options.transaction.lock(mark.account_id, run);
  return decideSlice(mark, ledger, await options.transaction.ledgerOf(mark), states);
}

/** An execution that comes again (its state was lost on the way) replaces its own rows. */
async function removeRowsOfSameExecution(
  options: SliceLoadOptions,
  target: SliceTarget,
): Promise<void> {
  const { connection, statements } = options;
  const [known] = await connection.rows(
    statements
      .selectFrom('extractions')
      .select('status')
      .where('extraction_id', 'in', extractionIds(target.executionId, target.stream))
      .where('stream', '=', target.stream)
      .compile(),
  );
  if (known !== undefined && isHolding(known.status)) await removeRows(options, target, '=');
}

async function removeRows(
  { connection, statements, schema }: SliceLoadOptions,
  target: SliceTarget,
  comparison?: '=' | '<>',
): Promise<void> {
  const partition = partitionName(target.table, target.eventDate);
  const which =
    comparison === undefined
      ? sql``
      : sql` AND execution_id ${sql.raw(comparison)} ${target.executionId}`;
  await connection.change(
    sql`DELETE FROM ${sql.id(schema, partition)}
         WHERE account_id = ${target.accountId} AND event_date = ${target.eventDate}${which}`.compile(
      statements,
    ),
  );
}

/** Straight into the month's partition: its constraint is checked as well, and routing costs. */
function copySql(schema: string, target: SliceTarget): string {
  const partition = partitionName(target.table, target.eventDate);
  const columns = target.columns.map(quote).join(', ');
  // To our CSV reader a quoted blank is NULL as well.
  const format = target.format === 'csv' ? ` (FORMAT csv, FORCE_NULL (${columns}))` : '';
  return `COPY ${qualified(schema, partition)} (${columns}) FROM STDIN${format}`;
}
