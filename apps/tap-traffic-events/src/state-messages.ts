import type { MessageWriter } from '@traffic-events/singer';
import { wirePartition } from '@traffic-events/slice';
import type {
  InFlightExecution,
  LedgerRow,
  PartitionChange,
  RunMark,
  SliceMark,
  PartitionState,
} from '@traffic-events/slice';

import { StateAllowance } from './state-allowance.ts';

/** Executions of an account that may be lost sight of when the tap dies: one for each of its slots. */
const MOST_UNTOLD = 5;
/** Slices that one STATE closes: a target keeps their rows until it comes. */
const MOST_SLICES = 100;

export interface StateMessagesOptions {
  readonly writer: MessageWriter;
  /** The state that the tap was given; null when it was given none. */
  readonly givenState: readonly PartitionChange[] | null;
  readonly allowance?: StateAllowance | undefined;
}

/**
 * The state of a run, and when it is written. Where it is small, at each change; where it is not, one
 * STATE closes several slices and tells of several executions, those of each account no more than it
 * has slots.
 */
export class StateMessages {
  readonly #writer: MessageWriter;
  readonly #allowance: StateAllowance;
  #run: RunMark | undefined;
  /** Each partition as it is written, by stream and account: few of them change between two STATEs. */
  readonly #texts = new Map<string, Map<string, string>>();
  /** Executions in flight of each stream and account. */
  readonly #inFlight = new Map<string, ReadonlySet<string>>();
  /** Bytes of a STATE, roughly. */
  #size = 0;
  #slices: SliceMark[] = [];
  /** Executions in flight that no STATE has told of, by account. */
  readonly #untold = new Map<string, number>();
  /** Ledger rows that no STATE has covered, by their ids. */
  readonly #uncovered = new Set<string>();
  #isChanged = false;
  #writtenMs = -Infinity;

  constructor(options: StateMessagesOptions) {
    this.#writer = options.writer;
    this.#allowance = options.allowance ?? new StateAllowance();
    for (const given of options.givenState ?? []) this.#keep(given);
  }

  /** When a STATE was written last, as `performance.now()` has it. */
  get writtenMs(): number {
    return this.#writtenMs;
  }

  get isEmpty(): boolean {
    return this.#texts.size === 0;
  }

  /** How long until what has changed may be written; undefined where nothing has. */
  get waitMs(): number | undefined {
    return this.#isChanged ? this.#allowance.waitMs(this.#size) : undefined;
  }

  /** Whether it may be written although nothing of it has changed. */
  get isSpare(): boolean {
    return this.#allowance.covers(this.#size);
  }

  begin(run: RunMark): void {
    this.#run = run;
  }

  /**
   * To be called before ledger rows, and the rows of a slice: a STATE comes first where one of the
   * same execution, or another copy of the slice, has not been covered yet.
   */
  async coverBefore(rows: readonly LedgerRow[], slice?: SliceMark): Promise<void> {
    const isSame = (other: SliceMark) =>
      other.stream === slice?.stream &&
      other.account_id === slice.account_id &&
      other.event_date === slice.event_date;
    const isTwice = rows.some((row) => this.#uncovered.has(row.extraction_id));
    if (isTwice || this.#slices.some(isSame)) await this.write();
    for (const row of rows) this.#uncovered.add(row.extraction_id);
  }

  /** Takes in what has changed once the rows that say so are written. */
  async change(changes: readonly PartitionChange[], slice?: SliceMark): Promise<void> {
    for (const change of changes) this.#take(change);
    if (slice !== undefined) this.#slices.push(slice);
    const untold = Math.max(0, ...this.#untold.values());
    const must = untold > MOST_UNTOLD || this.#slices.length >= MOST_SLICES;
    if (must || this.#allowance.covers(this.#size)) await this.write();
  }

  /** To be called as a slice or ledger rows are written. */
  earn(): void {
    this.#allowance.earn();
  }

  /** Writes what has changed, if anything has. */
  async flush(): Promise<void> {
    if (this.#isChanged) await this.write();
  }

  async write(): Promise<void> {
    const rest = JSON.stringify({ ...closingOf(this.#slices), run: this.#run });
    const line = `{"type":"STATE","value":{"bookmarks":${this.#bookmarks()}${rest === '{}' ? '}' : `,${rest.slice(1)}`}}`;
    this.#slices = [];
    this.#untold.clear();
    this.#uncovered.clear();
    this.#isChanged = false;
    this.#allowance.spend(this.#size);
    await this.#writer.writeLine(line);
    this.#writtenMs = performance.now();
  }

  #take(change: PartitionChange): void {
    const { stream, accountId, state } = change;
    const known = this.#inFlight.get(keyOf(stream, accountId));
    const created = state.in_flight.filter((execution) => known?.has(idOf(execution)) !== true);
    if (created.length > 0) {
      this.#untold.set(accountId, (this.#untold.get(accountId) ?? 0) + created.length);
    }
    this.#keep(change);
    this.#isChanged = true;
  }

  #keep({ stream, accountId, state }: PartitionChange): void {
    const text = textOf(accountId, state);
    const ofStream = this.#texts.get(stream) ?? new Map<string, string>();
    this.#size += text.length - (ofStream.get(accountId)?.length ?? 0);
    this.#texts.set(stream, ofStream.set(accountId, text));
    this.#inFlight.set(keyOf(stream, accountId), new Set(state.in_flight.map(idOf)));
  }

  #bookmarks(): string {
    const streams = [...this.#texts].map(
      ([stream, partitions]) =>
        `${JSON.stringify(stream)}:{"partitions":[${[...partitions.values()].join()}]}`,
    );
    return `{${streams.join()}}`;
  }
}

function textOf(accountId: string, state: PartitionState): string {
  return JSON.stringify(wirePartition({ context: { account_id: accountId }, ...state }));
}

function keyOf(stream: string, accountId: string): string {
  return `${stream}\n${accountId}`;
}

function idOf({ execution_id: id }: InFlightExecution): string {
  return id;
}

/** Of no execution: stands where a target that cannot read `slices` looks for one. */
const SEVERAL = 'see slices';

/**
 * What a STATE closes. A target that knows `slice` alone would take the rows of several slices for
 * uncovered, drop them and pass the state on: it finds a slice that no ledger row is of, and fails.
 */
function closingOf([first, ...others]: readonly SliceMark[]): object {
  if (first === undefined || others.length === 0) return { slice: first };
  return { slice: { ...first, execution_id: SEVERAL }, slices: [first, ...others] };
}
