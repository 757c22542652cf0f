import type { LedgerRow, SliceMark } from '@traffic-events/slice';
import { MessageOrderError, SliceError } from '../../errors.ts';
import type { SliceNames } from './slice-names.ts';
import type { ClosedSlice } from '../warehouse-session.ts';

/** The slice that records are of, from the first of them to its STATE. */
interface OpenSlice extends SliceNames {
  rows: number;
}

/** Sees that slices come whole and one after the other. */
export class SliceOrder {
  #open: OpenSlice | undefined;

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** What is open, for a log line. */
  describe(): string | undefined {
    return this.#open === undefined ? undefined : describe(this.#open);
  }

  /** Takes a record in; throws where it belongs to another slice than the one before it. */
  note(names: SliceNames): void {
    const open = this.#open;
    if (open === undefined) {
      this.#open = { ...names, rows: 1 };
      return;
    }
    if (!isSame(open, names) || open.executionId !== names.executionId) {
      throw new MessageOrderError(
        `A record of slice ${describe(names)} (execution ${names.executionId}) came before the STATE that closes ${describe(open)} (execution ${open.executionId}). Slices come one after the other; see that nothing between tap and target reorders or drops messages.`,
      );
    }
    open.rows += 1;
  }

  /** Closes the slice that a STATE declares; one without rows was never opened. */
  close(mark: SliceMark, ledger: LedgerRow | undefined): ClosedSlice {
    const open = this.#open;
    const names = { stream: mark.stream, accountId: mark.account_id, eventDate: mark.event_date };
    if (open !== undefined && !isSame(open, names)) {
      throw new MessageOrderError(
        `A STATE closes slice ${describe(names)}, but the records before it are of ${describe(open)}.`,
      );
    }
    if (ledger === undefined) {
      throw new SliceError(
        describe(names),
        `its STATE came without a record of the ledger for execution ${mark.execution_id}.`,
      );
    }
    if (open !== undefined && open.executionId !== mark.execution_id) {
      throw new SliceError(
        describe(names),
        `its STATE declares execution ${mark.execution_id}, but the records are of ${open.executionId}.`,
      );
    }
    const rows = open?.rows ?? 0;
    if (rows !== mark.row_count) {
      throw new SliceError(
        describe(names),
        `its STATE declares ${mark.row_count} rows, but ${rows} arrived. Nothing of it was kept. See that nothing between tap and target drops records, then run again.`,
      );
    }
    this.#open = undefined;
    return { mark, ledger };
  }
}

type Names = Pick<SliceNames, 'stream' | 'accountId' | 'eventDate'>;

function isSame(open: OpenSlice, other: Names): boolean {
  return (
    open.stream === other.stream &&
    open.accountId === other.accountId &&
    open.eventDate === other.eventDate
  );
}

function describe({ stream, accountId, eventDate }: Names): string {
  return `${stream} ${accountId} ${eventDate}`;
}
