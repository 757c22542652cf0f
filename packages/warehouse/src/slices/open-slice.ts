import { describeSlice } from '@traffic-events/slice';
import type { LedgerRow, SliceKey, SliceMark } from '@traffic-events/slice';
import type { SliceWriter, WrittenSlice } from '../driver.ts';
import { MessageOrderError, SliceError } from '../errors.ts';
import type { Fields } from '../messages/record-fields.ts';
import { sliceOf } from './slice-execution.ts';
import type { SliceExecution } from './slice-execution.ts';

/** The slice that records are of, from the first of them to its STATE. */
export class OpenSlice<Slice extends SliceWriter> {
  readonly writer: Slice;
  readonly #columns: string;
  #execution: SliceExecution;
  #rows = 0;

  constructor(execution: SliceExecution, columns: readonly string[], writer: Slice) {
    this.#execution = execution;
    this.#columns = columns.join();
    this.writer = writer;
  }

  get slice(): SliceKey {
    return this.#execution;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether a row of this execution is one of it. */
  isOf(execution: SliceExecution): boolean {
    if (execution === this.#execution) return true;
    return (
      isSame(this.#execution, execution) && this.#execution.executionId === execution.executionId
    );
  }

  get executionId(): string {
    return this.#execution.executionId;
  }

  /** Adds a row; throws where it belongs to another slice than those before it. */
  add(execution: SliceExecution, fields: Fields): Promise<void> | undefined {
    if (execution !== this.#execution) this.#refuseOther(execution);
    this.#rows += 1;
    return this.writer.add(fields);
  }

  /** Throws where the rows that come would have other columns than those that have come. */
  refuseOtherColumns(stream: string, columns: readonly string[]): void {
    if (stream !== this.#execution.stream || columns.join() === this.#columns) return;
    throw new MessageOrderError(
      `The SCHEMA of stream ${stream} changes its columns in the middle of slice ${describeSlice(this.#execution)}. Have the tap send it behind the STATE that closes the slice.`,
    );
  }

  /** Closes the slice that a STATE declares. */
  async close(mark: SliceMark, ledger: LedgerRow | undefined): Promise<WrittenSlice<Slice>> {
    const declared = sliceOf(mark);
    const slice = describeSlice(declared);
    if (!isSame(this.#execution, declared)) {
      throw new MessageOrderError(
        `A STATE closes slice ${slice}, but the records before it are of ${describeSlice(this.#execution)}.`,
      );
    }
    const { executionId } = this.#execution;
    if (ledger === undefined) {
      throw new SliceError(
        slice,
        `its STATE came without a record of the ledger for execution ${mark.execution_id}.`,
      );
    }
    if (executionId !== mark.execution_id) {
      throw new SliceError(
        slice,
        `its STATE declares execution ${mark.execution_id}, but the records are of ${executionId}.`,
      );
    }
    refuseOtherRows(mark, this.#rows);
    await this.writer.close();
    return { mark, ledger, writer: this.writer };
  }

  /** A SCHEMA in between makes a new object of it. */
  #refuseOther(execution: SliceExecution): void {
    const open = this.#execution;
    if (!this.isOf(execution)) {
      throw new MessageOrderError(
        `A record of slice ${describeSlice(execution)} (execution ${execution.executionId}) came before the STATE that closes ${describeSlice(open)} (execution ${open.executionId}). Slices come one after the other; see that nothing between tap and target reorders or drops messages.`,
      );
    }
    this.#execution = execution;
  }
}

/** Throws where not as many rows of a slice have arrived as were declared of it. */
export function refuseOtherRows(mark: SliceMark, arrived: number): void {
  if (arrived === mark.row_count) return;
  throw new SliceError(
    describeSlice(sliceOf(mark)),
    `its STATE declares ${mark.row_count} rows, but ${arrived} arrived. Nothing of it was kept. See that nothing between tap and target drops records, then run again.`,
  );
}

function isSame(left: SliceKey, right: SliceKey): boolean {
  return (
    left.stream === right.stream &&
    left.accountId === right.accountId &&
    left.eventDate === right.eventDate
  );
}
