import { describeSlice, UNKNOWN_RESULT } from '@traffic-events/slice';
import type { LedgerRow, PartitionChange, SliceMark } from '@traffic-events/slice';
import { SliceError } from '../errors.ts';
import { sliceOf } from '../slices/slice-execution.ts';
import type { SliceExecution } from '../slices/slice-execution.ts';
import { HeldPartitions } from './held-partitions.ts';

/** A slice that a value of it has failed. */
interface RefusedSlice {
  readonly slice: string;
  readonly reason: string;
}

type Execution = Pick<SliceExecution, 'stream' | 'executionId'>;

function keyOf({ stream, executionId }: Execution): string {
  return JSON.stringify([stream, executionId]);
}

/**
 * Slices with a value that the target refuses: each fails alone. The tap's state claims them, so
 * that of their stream and account no newer state is passed on or saved than the one before them.
 */
export class RefusedSlices {
  /** By stream and execution. */
  readonly #refused = new Map<string, RefusedSlice>();
  readonly #held = new HeldPartitions();

  get isAny(): boolean {
    return this.#refused.size > 0;
  }

  add(execution: SliceExecution, reason: string): void {
    const slice = describeSlice(execution);
    if (!this.has(execution)) this.#refused.set(keyOf(execution), { slice, reason });
  }

  /** Whether a slice has failed already, so that the rest of it is of no use. */
  has(execution: Execution): boolean {
    return this.isAny && this.#refused.has(keyOf(execution));
  }

  /** The ledger row of a slice, which says that it failed, if it did. */
  entered(row: LedgerRow): LedgerRow {
    const { stream, execution_id: executionId } = row;
    if (!this.isAny || executionId === null) return row;
    const refused = this.#refused.get(keyOf({ stream, executionId }));
    if (refused === undefined) return row;
    return { ...row, ...UNKNOWN_RESULT, status: 'failed', reason: refused.reason };
  }

  /** Those that can be closed. Of the others, streams and accounts are held back. */
  closable(slices: readonly SliceMark[]): readonly SliceMark[] {
    if (!this.isAny) return slices;
    return slices.filter((mark) => {
      if (!this.has({ stream: mark.stream, executionId: mark.execution_id })) return true;
      this.#held.hold(sliceOf(mark));
      return false;
    });
  }

  /** Those changes of a STATE that may be saved. */
  savable(changes: readonly PartitionChange[]): readonly PartitionChange[] {
    return changes.filter((change) => !this.#held.has(change));
  }

  /** The value of a STATE as it is passed on. */
  passedOn(value: unknown): unknown {
    return this.#held.passedOn(value);
  }

  /** Throws where a slice has failed, once all else has been loaded. */
  throwFirst(): void {
    const [first] = this.#refused.values();
    if (first === undefined) return;
    const others = this.#refused.size - 1;
    const more = others === 0 ? '' : ` So were ${others} others; see slice.failed in the log.`;
    throw new SliceError(
      first.slice,
      `it was refused, and everything else loaded: ${first.reason}${more} The next run asks for it again.`,
    );
  }
}
