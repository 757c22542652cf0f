import type { SliceResult } from '@traffic-events/slice';
import type { Delivery } from '../../driver.ts';
import { MAX_VALUE_CHARACTERS } from './commit-script.ts';
import { sliceId, sliceOf } from '../../slices/slice-execution.ts';

/** How much goes into one flush. A delivery that is larger by itself goes alone. */
export interface GroupLimits {
  /** Characters of ledger rows and states in the transaction's text. */
  readonly maxCharacters: number;
  readonly maxRows: number;
  /** Bytes of rows, as estimated. */
  readonly maxBytes: number;
}

/** A failure costs a flush. */
export const DEFAULT_GROUP_LIMITS: GroupLimits = {
  maxCharacters: MAX_VALUE_CHARACTERS,
  maxRows: 1_000_000,
  maxBytes: 256 * 1024 * 1024,
};

/** What decides whether a delivery may go together with others. */
export interface Weight {
  readonly rows: number;
  readonly bytes: number;
  readonly ledgerCharacters: number;
  /** Characters of states, by stream and account. */
  readonly states: ReadonlyMap<string, number>;
  /** The slice that it brings, which is judged by what the ledger has of it. */
  readonly slice: string | undefined;
  /** Slices that its ledger rows speak of. */
  readonly slices: readonly string[];
  /** Ids of its ledger rows. */
  readonly extractions: readonly string[];
}

export function weightOf({ result, ledger, changes }: Delivery): Weight {
  const rows = result === undefined ? ledger : [...ledger, result.ledger];
  return {
    rows: result?.mark.row_count ?? 0,
    bytes: result === undefined ? 0 : estimatedBytes(result),
    ledgerCharacters: JSON.stringify(rows).length,
    states: new Map(
      changes.map(({ stream, accountId, state }) => [
        JSON.stringify([stream, accountId]),
        JSON.stringify([stream, accountId, state]).length,
      ]),
    ),
    slice: result === undefined ? undefined : sliceId(sliceOf(result.mark)),
    slices: rows.map((row) => sliceId(sliceOf(row))),
    extractions: rows.map(({ extraction_id }) => extraction_id),
  };
}

/** Reserved columns of a row, and a cell with its quotes and commas. */
const ROW_BYTES = 250;
const CELL_BYTES = 24;

/** Rows say the name of every column. */
function estimatedBytes({ mark, columns }: SliceResult): number {
  const cells = columns.reduce((sum, { name }) => sum + name.length + CELL_BYTES, 0);
  return mark.row_count * (ROW_BYTES + cells);
}

/**
 * How many of the deliveries that wait, from the first on, are committed together: as many as the
 * limits allow, at least one. Of each stream and account only the newest state counts. A slice is
 * judged by what the ledger has of it, so it waits for what speaks of it, and no ledger row is
 * written twice in one flush.
 */
export function groupSize(waiting: readonly Weight[], limits: GroupLimits): number {
  const group = new Group();
  let size = 0;
  for (const weight of waiting) {
    if (size > 0 && group.repeats(weight)) break;
    group.add(weight);
    if (size > 0 && group.exceeds(limits)) break;
    size += 1;
  }
  return size;
}

class Group {
  readonly #states = new Map<string, number>();
  readonly #slices = new Set<string>();
  readonly #extractions = new Set<string>();
  #rows = 0;
  #bytes = 0;
  #ledgerCharacters = 0;
  #stateCharacters = 0;

  repeats({ slice, extractions }: Weight): boolean {
    if (slice !== undefined && this.#slices.has(slice)) return true;
    return extractions.some((id) => this.#extractions.has(id));
  }

  add(weight: Weight): void {
    this.#rows += weight.rows;
    this.#bytes += weight.bytes;
    this.#ledgerCharacters += weight.ledgerCharacters;
    for (const [partition, characters] of weight.states) {
      this.#stateCharacters += characters - (this.#states.get(partition) ?? 0);
      this.#states.set(partition, characters);
    }
    for (const slice of weight.slices) this.#slices.add(slice);
    for (const id of weight.extractions) this.#extractions.add(id);
  }

  exceeds({ maxRows, maxBytes, maxCharacters }: GroupLimits): boolean {
    return (
      this.#rows > maxRows ||
      this.#bytes > maxBytes ||
      this.#ledgerCharacters + this.#stateCharacters > maxCharacters
    );
  }
}
