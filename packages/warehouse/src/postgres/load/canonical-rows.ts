import { FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { CanonicalCsv, SliceResult } from '@traffic-events/slice';
import { constantsOf, ownColumns } from '../../tables/result-columns.ts';

/** Columns of the warehouse in the order in which `CanonicalRows` writes them. */
export function canonicalColumns(result: SliceResult, { order }: CanonicalCsv): string[] {
  const own = ownColumns(result);
  const named = order.map((index) => own[index] ?? '');
  return [...Object.keys(constantsOf(result)), 'row_number', ...named];
}

const LINE_FEED = 10;
const COMMA = 44;
const ZERO = 48;
/** Digits of the highest row number that a safe integer holds, and the comma behind it. */
const MAX_NUMBER_BYTES = 17;

/** Puts what the API does not deliver before each line of canonical CSV, which stays as it is. */
export class CanonicalRows {
  readonly #prefix: Buffer;
  #rowNumber = FIRST_ROW_NUMBER;
  #spare: Buffer = Buffer.alloc(0);
  #last: Buffer = this.#spare;

  constructor(result: SliceResult) {
    this.#prefix = Buffer.from(
      Object.values(constantsOf(result))
        .map((value) => `${csvField(value)},`)
        .join(''),
    );
  }

  /** The memory of the rows given last may be filled again. */
  reuse(): void {
    this.#spare = this.#last;
  }

  /** The rows of whole lines; their numbers follow from the order of the calls. */
  next(lines: Uint8Array): Buffer {
    const prefix = this.#prefix;
    const rows = this.#room(lines.length + countLines(lines) * (prefix.length + MAX_NUMBER_BYTES));
    let to = 0;
    for (let from = 0; from < lines.length;) {
      const end = lines.indexOf(LINE_FEED, from) + 1;
      rows.set(prefix, to);
      to = writeNumber(rows, to + prefix.length, this.#rowNumber);
      this.#rowNumber += 1;
      for (; from < end; from += 1, to += 1) rows[to] = lines[from] as number;
    }
    return rows.subarray(0, to);
  }

  #room(bytes: number): Buffer {
    this.#last = this.#spare.length >= bytes ? this.#spare : Buffer.allocUnsafeSlow(2 * bytes);
    this.#spare = Buffer.alloc(0);
    return this.#last;
  }
}

function csvField(text: string): string {
  return /["\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function countLines(lines: Uint8Array): number {
  let count = 0;
  for (let at = lines.indexOf(LINE_FEED); at !== -1; at = lines.indexOf(LINE_FEED, at + 1)) {
    count += 1;
  }
  return count;
}

/** Writes a number and a comma; the index behind them. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  let rest = value;
  for (let to = at + digits - 1; to >= at; to -= 1) {
    bytes[to] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  bytes[at + digits] = COMMA;
  return at + digits + 1;
}
