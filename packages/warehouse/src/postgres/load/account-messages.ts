import type { RecordMessage } from '@traffic-events/singer';
import type { LedgerRow, RunMark, SliceMark } from '@traffic-events/slice';
import { ChangedPartitions } from '../../messages/changed-partitions.ts';
import { accountsOf } from '../../slices/entries.ts';
import { MessageOrderError, SliceError, WarehouseBehindError } from '../../errors.ts';
import { readLedgerRecord } from '../../messages/ledger-record.ts';
import type { Logger } from '../../logger.ts';
import type { Fields } from '../../messages/record-fields.ts';
import { missingClaims } from '../../messages/state-gate.ts';
import { readState } from '../../messages/state-value.ts';
import type { ReadState } from '../../messages/state-value.ts';
import { SliceStreams } from './slice-stream.ts';
import type { PreparedTable } from '../tables/stream-tables.ts';
import type { WarehouseSession } from '../warehouse-session.ts';

interface AccountMessagesOptions {
  readonly session: WarehouseSession;
  readonly logger: Logger;
}

/** The messages that speak of accounts: records of slices, rows of the ledger, states that close. */
export class AccountMessages {
  readonly #session: WarehouseSession;
  readonly #logger: Logger;
  readonly #slices: SliceStreams;
  readonly #changed = new ChangedPartitions();
  #ledger: LedgerRow[] = [];

  constructor({ session, logger }: AccountMessagesOptions) {
    this.#session = session;
    this.#logger = logger;
    this.#slices = new SliceStreams(session);
  }

  describe(table: PreparedTable): void {
    this.#slices.describe(table);
  }

  /** Adds a row of a slice; resolves once the server keeps up. */
  addRow(stream: string, fields: Fields): Promise<void> | undefined {
    return this.#slices.add(stream, fields);
  }

  addLedgerRow(stream: string, record: RecordMessage['record']): void {
    this.#ledger.push(readLedgerRecord(stream, record));
  }

  /** Whether a STATE is one of ours, which goes into the warehouse with its data. */
  concerns(value: unknown): boolean {
    const state = readState(value);
    return state.run !== undefined && (state.slice !== undefined || state.partitions.length > 0);
  }

  /**
   * The state that the tap was given. Throws `WarehouseBehindError` when it claims what the
   * warehouse does not have.
   */
  async gate(value: unknown): Promise<void> {
    const { partitions } = readState(value);
    if (partitions.length === 0) return;
    const accounts = partitions.map(({ accountId }) => accountId);
    const known = await this.#session.redo(() => this.#session.knownDates(accounts));
    const missing = missingClaims(partitions, known);
    if (missing.length > 0) throw new WarehouseBehindError(missing);
    this.#changed.know(partitions);
  }

  /** Commits what a STATE covers: a slice, ledger rows, and the partitions that it changes. */
  async commit(value: unknown): Promise<void> {
    const state = readState(value);
    const run = requiredRun(state);
    const changes = this.#changed.of(state.partitions);
    const ledger = this.#ledger;
    const session = this.#session;
    await session.redo(() => session.lease(accountsOf({ ledger, changes })));
    if (state.slice !== undefined) await this.#closeSlice(state.slice, { ledger, changes, run });
    else {
      await this.makeWay();
      await session.redo(() => session.enter({ ledger, changes, run }));
    }
    this.#ledger = [];
    this.#changed.know(state.partitions);
  }

  /** Frees the connection from a slice that is open on it; its rows are sent again later. */
  async makeWay(): Promise<void> {
    await this.#slices.suspend();
  }

  /** Drops what no STATE has covered. */
  async abandon(): Promise<void> {
    const slice = await this.#slices.abandon();
    if (slice !== undefined) this.#logger.warn({ slice }, 'slice.unclosed');
    if (this.#ledger.length > 0) {
      this.#logger.warn({ rows: this.#ledger.length }, 'ledger.uncovered');
    }
  }

  async #closeSlice(
    mark: SliceMark,
    { ledger, changes, run }: Parameters<WarehouseSession['enter']>[0],
  ): Promise<void> {
    const own = ledger.find((row) => row.extraction_id === mark.execution_id);
    if (own === undefined) {
      throw new SliceError(
        `${mark.stream} ${mark.account_id} ${mark.event_date}`,
        `its STATE came without a record of the ledger for execution ${mark.execution_id}.`,
      );
    }
    const otherLedger = ledger.filter((row) => row !== own);
    const { outcome } = await this.#slices.close({ mark, ledger: own, otherLedger, changes, run });
    const { stream, account_id, event_date, execution_id, row_count } = mark;
    const fields = { stream, account_id, event_date, execution_id, row_count };
    if (outcome.kind === 'applied') this.#logger.info(fields, 'slice.loaded');
    else this.#logger.warn({ ...fields, reason: outcome.reason }, 'slice.kept');
  }
}

function requiredRun({ run }: ReadState): RunMark {
  if (run !== undefined) return run;
  throw new MessageOrderError('A STATE that closes a slice names no run.');
}
