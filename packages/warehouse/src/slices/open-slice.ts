import { describeSlice } from '@traffic-events/slice';
import type { LedgerRow, SliceKey, SliceMark } from '@traffic-events/slice';
import type { SliceWriter, WrittenSlice } from '../driver.ts';
import { MessageOrderError, SliceError } from '../errors.ts';
import type { Fields } from '../messages/record-fields.ts';
import { sliceOf } from './slice-names.ts';
import type { SliceNames } from './slice-names.ts';

/** The slice that records are of, from the first of them to its STATE. */
export class OpenSlice<Slice extends SliceWriter> {
  readonly writer: Slice;
  readonly #columns: string;
  #names: SliceNames;
  #rows = 0;

  constructor(names: SliceNames, columns: readonly string[], writer: Slice) {
    this.#names = names;
    this.#columns = columns.join();
    this.writer = writer;
  }

  get slice(): SliceKey {
    return this.#names;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether a row with these names is one of it. */
  isOf(names: SliceNames): boolean {
    if (names === this.#names) return true;
    return isSame(this.#names, names) && this.#names.executionId === names.executionId;
  }

  get executionId(): string {
    return this.#names.executionId;
  }

  /** Adds a row; throws where it belongs to another slice than those before it. */
  add(names: SliceNames, fields: Fields): Promise<void> | undefined {
    if (names !== this.#names) this.#refuseOther(names);
    this.#rows += 1;
    return this.writer.add(fields);
  }

  /** Throws where the rows that come would have other columns than those that have come. */
  refuseOtherColumns(stream: string, columns: readonly string[]): void {
    if (stream !== this.#names.stream || columns.join() === this.#columns) return;
    throw new MessageOrderError(
      `The SCHEMA of stream ${stream} changes its columns in the middle of slice ${describeSlice(this.#names)}. Have the tap send it behind the STATE that closes the slice.`,
    );
  }

  /** Closes the slice that a STATE declares. */
  async close(mark: SliceMark, ledger: LedgerRow | undefined): Promise<WrittenSlice<Slice>> {
    const declared = sliceOf(mark);
    const slice = describeSlice(declared);
    if (!isSame(this.#names, declared)) {
      throw new MessageOrderError(
        `A STATE closes slice ${slice}, but the records before it are of ${describeSlice(this.#names)}.`,
      );
    }
    const { executionId } = this.#names;
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
    if (this.#rows !== mark.row_count) {
      throw new SliceError(
        slice,
        `its STATE declares ${mark.row_count} rows, but ${this.#rows} arrived. Nothing of it was kept. See that nothing between tap and target drops records, then run again.`,
      );
    }
    await this.writer.close();
    return { mark, ledger, writer: this.writer };
  }

  /** A SCHEMA in between makes names anew. */
  #refuseOther(names: SliceNames): void {
    const open = this.#names;
    if (!this.isOf(names)) {
      throw new MessageOrderError(
        `A record of slice ${describeSlice(names)} (execution ${names.executionId}) came before the STATE that closes ${describeSlice(open)} (execution ${open.executionId}). Slices come one after the other; see that nothing between tap and target reorders or drops messages.`,
      );
    }
    this.#names = names;
  }
}

function isSame(left: SliceKey, right: SliceKey): boolean {
  return (
    left.stream === right.stream &&
    left.accountId === right.accountId &&
    left.eventDate === right.eventDate
  );
}
