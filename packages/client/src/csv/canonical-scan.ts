import { isUtf8 } from 'node:buffer';

import type { CsvColumn } from './csv-columns.ts';
import { matchHeader } from './csv-columns.ts';
import { linePieces } from './line-chunks.ts';
import { plainTests } from './plain-cell.ts';
import type { IsPlain } from './plain-cell.ts';

export interface CanonicalScanOptions {
  /** The columns that the files must have: all of them, in any order, and no others. */
  readonly columns: readonly CsvColumn[];
  /** Unquoted word that means NULL to `readCsv`; `NULL` unless set. */
  readonly nullWord?: string;
  /** Indexes of the columns whose cells are wanted. */
  readonly picked: readonly number[];
  /** Called for each row with the cells of `picked`; the array is filled again for the next row. */
  readonly visit: (cells: readonly PickedCell[]) => void;
}

/** A cell in canonical text, null for NULL; a number where a short integer was read in passing. */
export type PickedCell = string | number | null;

/** What a scan has proven. */
export interface CanonicalScan {
  /** Indexes of the columns, in the order in which the files have them. */
  readonly order: readonly number[];
  readonly rowCount: number;
}

/**
 * Proves, if it can, that the files hold nothing but what `readCsv` would give, as the CSV of RFC
 * 4180 and a record a line: cells are canonical text, NULL is a blank or a quoted blank, and there
 * is no carriage return, no escape but the doubled quote, and no line break inside a cell. Undefined
 * at the first sign of anything else, when the rows visited so far mean nothing, and where there is
 * not even a header. CsvFormatError for files without one of the columns.
 */
export async function scanCanonicalCsv(
  files: readonly { readonly path: string }[],
  options: CanonicalScanOptions,
): Promise<CanonicalScan | undefined> {
  const scanner = new Scanner(options);
  for (const { path } of files) {
    let isFirst = true;
    for await (const bytes of linePieces(path)) {
      if (!isUtf8(bytes)) return undefined;
      const from = isFirst ? scanner.readHeader(bytes, path) : 0;
      isFirst = false;
      if (from === NOT_CANONICAL || !scanner.scan(bytes, from)) return undefined;
    }
  }
  const { order, rowCount } = scanner;
  return order.length === 0 ? undefined : { order, rowCount };
}

/**
 * The records of files that a scan has proven canonical, without the headers, in pieces of whole
 * lines. A piece is good until the next one is asked for: its memory is filled again.
 */
export async function* canonicalLines(
  files: readonly { readonly path: string }[],
): AsyncGenerator<Buffer> {
  for (const { path } of files) {
    let isFirst = true;
    for await (const piece of linePieces(path)) {
      const lines = isFirst ? piece.subarray(endOfLine(piece)) : piece;
      isFirst = false;
      if (lines.length === 0) continue;
      yield lines.at(-1) === LINE_FEED ? lines : Buffer.concat([lines, Buffer.from('\n')]);
    }
  }
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const QUOTE = 34;
const COMMA = 44;
const DASH = 45;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** More digits than these a JavaScript number may not hold. */
const MAX_NUMBER_DIGITS = 15;
/** That many fit 64 bits for certain. */
const MAX_LONG_DIGITS = 18;
const NOT_CANONICAL = -1;

/** How a column of the files is scanned. */
interface Plan {
  readonly kind: 'text' | 'integer' | 'other';
  readonly isPlain: IsPlain;
  /** Place among the picked cells; -1 for a column that is not picked. */
  readonly place: number;
  /** The last cell of another kind that was found canonical: dates and flags repeat. */
  lastCell: Buffer;
  lastText: string;
}

class Scanner {
  readonly #options: CanonicalScanOptions;
  readonly #nullWord: Buffer;
  readonly #cells: PickedCell[];
  #header: string | undefined;
  /** The header among rows of nothing but text, where it would pass for one; undefined elsewhere. */
  #headerAmongText: Buffer | undefined;
  #plans: readonly Plan[] = [];
  order: readonly number[] = [];
  rowCount = 0;

  constructor(options: CanonicalScanOptions) {
    this.#options = options;
    this.#nullWord = Buffer.from(options.nullWord ?? 'NULL');
    this.#cells = options.picked.map(() => null);
  }

  /** Where the first record begins. Every file must have the same header. */
  readHeader(bytes: Buffer, path: string): number {
    const end = endOfLine(bytes);
    const header = bytes.toString('utf8', 0, end).replace(/\n$/, '');
    if (!/^[^"\r\uFEFF]+$/.test(header)) return NOT_CANONICAL;
    if (this.#header === undefined) this.#plan(header.split(','), path);
    else if (header !== this.#header) return NOT_CANONICAL;
    this.#header = header;
    const isText = this.#plans.length > 1 && this.#plans.every(({ kind }) => kind === 'text');
    this.#headerAmongText = isText ? Buffer.from(header) : undefined;
    if (this.order.length !== this.#options.columns.length) return NOT_CANONICAL;
    return end;
  }

  #plan(names: readonly string[], path: string): void {
    const { columns, picked } = this.#options;
    const targets = matchHeader(names, columns, path);
    this.order = targets.includes(-1) ? [] : targets;
    this.#plans = this.order.map((target) => {
      const { type } = columns[target] as CsvColumn;
      return {
        kind: kindOf(type),
        isPlain: plainTests[type],
        place: picked.indexOf(target),
        lastCell: Buffer.alloc(0),
        lastText: '',
      };
    });
  }

  /** Scans whole lines; false at anything that is not canonical. */
  scan(bytes: Buffer, from: number): boolean {
    const plans = this.#plans;
    const { length } = bytes;
    const { visit } = this.#options;
    let at = from;
    while (at < length) {
      if (this.#headerAmongText !== undefined && this.#isHeaderAgain(bytes, at)) return false;
      for (let column = 0; column < plans.length; column += 1) {
        const end = this.#scanCell(bytes, at, plans[column] as Plan);
        if (end === NOT_CANONICAL) return false;
        const isEnded = end === length || bytes[end] === LINE_FEED;
        if (isEnded !== (column + 1 === plans.length)) return false;
        at = end + 1;
      }
      this.rowCount += 1;
      visit(this.#cells);
    }
    return true;
  }

  #isHeaderAgain(bytes: Buffer, at: number): boolean {
    const header = this.#headerAmongText as Buffer;
    const from = startsWith(bytes, at, BYTE_ORDER_MARK) ? at + BYTE_ORDER_MARK.length : at;
    const end = from + header.length;
    return startsWith(bytes, from, header) && (end === bytes.length || bytes[end] === LINE_FEED);
  }

  /** The index of the comma or line feed that ends a cell. */
  #scanCell(bytes: Buffer, at: number, plan: Plan): number {
    if (bytes[at] === QUOTE) return this.#scanQuoted(bytes, at + 1, plan);
    if (plan.kind === 'text') return this.#scanText(bytes, at, plan);
    const isInteger = plan.kind === 'integer';
    return isInteger ? this.#scanInteger(bytes, at, plan) : this.#scanOther(bytes, at, plan);
  }

  /** In an unquoted text a quote means one thing here and another there. */
  #scanText(bytes: Buffer, from: number, plan: Plan): number {
    const { length } = bytes;
    let end = from;
    for (; end < length; end += 1) {
      const code = bytes[end] as number;
      if (code > COMMA) continue;
      if (code === COMMA || code === LINE_FEED) break;
      if (code === QUOTE || code === CARRIAGE_RETURN || code === 0) return NOT_CANONICAL;
    }
    if (end === from) return this.#blank(plan, end);
    if (end - from === this.#nullWord.length && startsWith(bytes, from, this.#nullWord)) {
      return NOT_CANONICAL;
    }
    if (plan.place !== -1) this.#cells[plan.place] = bytes.toString('utf8', from, end);
    return end;
  }

  /** The commonest cell of all, which is read as it is passed. */
  #scanInteger(bytes: Buffer, from: number, plan: Plan): number {
    let end = from;
    let value = 0;
    let code = bytes[end] ?? LINE_FEED;
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO;
      end += 1;
      code = bytes[end] ?? LINE_FEED;
    }
    const digits = end - from;
    const isShort = digits > 0 && digits <= MAX_LONG_DIGITS;
    const isPlain = isShort && (digits === 1 || bytes[from] !== ZERO);
    if (!isPlain || (code !== COMMA && code !== LINE_FEED)) {
      return this.#scanOther(bytes, from, plan);
    }
    if (plan.place !== -1) {
      const isExact = digits <= MAX_NUMBER_DIGITS;
      this.#cells[plan.place] = isExact ? value : bytes.toString('latin1', from, end);
    }
    return end;
  }

  #scanOther(bytes: Buffer, from: number, plan: Plan): number {
    const { lastCell } = plan;
    const known = from + lastCell.length;
    const isKnown = lastCell.length > 0 && endsCell(bytes, known);
    const isSame = isKnown && startsWith(bytes, from, lastCell);
    let end = isSame ? known : from;
    while (!endsCell(bytes, end)) end += 1;
    if (end === from) return this.#blank(plan, end);
    return isSame || this.#isCanonical(bytes, from, end, plan)
      ? this.#picked(plan, end)
      : NOT_CANONICAL;
  }

  /** The index of what ends a quoted cell, of which the opening quote stands before `from`. */
  #scanQuoted(bytes: Buffer, from: number, plan: Plan): number {
    const end = endOfQuoted(bytes, from);
    if (end === NOT_CANONICAL || !endsCell(bytes, end + 1)) return NOT_CANONICAL;
    if (end === from) {
      if (plan.place !== -1) this.#cells[plan.place] = null;
    } else if (plan.kind === 'text') {
      if (plan.place !== -1) {
        this.#cells[plan.place] = bytes.toString('utf8', from, end).replaceAll('""', '"');
      }
    } else {
      if (!this.#isCanonical(bytes, from, end, plan)) return NOT_CANONICAL;
      this.#picked(plan, end);
    }
    return end + 1;
  }

  #isCanonical(bytes: Buffer, from: number, end: number, plan: Plan): boolean {
    const text = bytes.toString('latin1', from, end);
    if (!isCanonical(text, plan)) return false;
    plan.lastCell = Buffer.from(text, 'latin1');
    plan.lastText = text;
    return true;
  }

  #picked(plan: Plan, end: number): number {
    if (plan.place !== -1) this.#cells[plan.place] = plan.lastText;
    return end;
  }

  /** A lone blank is a blank line to a reader that skips these. */
  #blank(plan: Plan, end: number): number {
    if (this.#plans.length === 1) return NOT_CANONICAL;
    if (plan.place !== -1) this.#cells[plan.place] = null;
    return end;
  }
}

/** Behind the first line feed, or the end where there is none. */
function endOfLine(bytes: Buffer): number {
  return bytes.indexOf(LINE_FEED) + 1 || bytes.length;
}

function kindOf(type: CsvColumn['type']): Plan['kind'] {
  if (type === 'STRING') return 'text';
  return type === 'LONG' || type === 'INTEGER' ? 'integer' : 'other';
}

function isCanonical(text: string, { kind, isPlain }: Plan): boolean {
  if (isPlain(text, 0, text.length)) return true;
  if (kind !== 'integer' || text.charCodeAt(0) !== DASH) return false;
  return text.charCodeAt(1) !== ZERO && isPlain(text, 1, text.length);
}

function endsCell(bytes: Buffer, at: number): boolean {
  const code = bytes[at];
  return code === COMMA || code === LINE_FEED || code === undefined;
}

function startsWith(bytes: Buffer, from: number, start: Buffer): boolean {
  for (let at = 0; at < start.length; at += 1) if (bytes[from + at] !== start[at]) return false;
  return true;
}

/** The index of the closing quote. */
function endOfQuoted(bytes: Buffer, from: number): number {
  const { length } = bytes;
  for (let end = from; end < length; end += 1) {
    const code = bytes[end] as number;
    if (code === QUOTE) {
      if (bytes[end + 1] !== QUOTE) return end;
      end += 1;
    } else if (isNeverCanonical(code)) {
      return NOT_CANONICAL;
    }
  }
  return NOT_CANONICAL;
}

function isNeverCanonical(code: number): boolean {
  return code === BACKSLASH || code === LINE_FEED || code === CARRIAGE_RETURN || code === 0;
}
