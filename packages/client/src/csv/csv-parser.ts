import type { ColumnType } from '../data-sources/data-source.ts';
import { CsvCellError } from '../errors/csv-cell-error.ts';
import { CsvFormatError } from '../errors/csv-format-error.ts';
import { cellReaders } from './cell.ts';
import type { ReadCell } from './cell.ts';
import { endOfDigits, isShortInteger, plainTests } from './plain-cell.ts';
import type { IsPlain } from './plain-cell.ts';
import { isHeader, matchHeader } from './csv-columns.ts';
import type { CsvColumn } from './csv-columns.ts';
import { firstRecord } from './first-record.ts';
import { QuotedCells } from './quoted-cells.ts';
import type { CsvEscape } from './quoted-cells.ts';

export interface CsvParserOptions {
  /** Name for messages. */
  readonly file: string;
  readonly columns: readonly CsvColumn[];
  readonly nullWord: string | null;
  readonly delimiter: string;
  readonly escape: CsvEscape;
  /** Header of the part before, which holds for a part that has none of its own. */
  readonly former: CsvHeader | undefined;
  /** Told of each header that stands again where a row should. */
  readonly onRepeatedHeader: (() => void) | undefined;
}

/** The first record of a file: its names, and as it stands there, without its line end. */
export interface CsvHeader {
  readonly names: readonly string[];
  readonly text: string;
}

/** A row in the order of the wanted columns: canonical text, null for NULL. */
export type CsvRow = (string | null)[];

/** How a column of the file is read. */
interface Plan {
  readonly name: string;
  readonly type: ColumnType;
  /** Place in the row; -1 to leave it out. */
  readonly target: number;
  readonly isText: boolean;
  readonly isPlain: IsPlain;
  readonly isInteger: boolean;
  readonly read: ReadCell;
  /** The last cell and what became of it: dates and flags repeat from row to row. */
  lastCell: string;
  lastValue: string;
}

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = 0xfeff;
const INCOMPLETE = -1;
/** More than any row has: what does not end in this never will. */
const MAX_ROW_CHARACTERS = 67_108_864;

/** Turns the text of one file into rows. Feed it whole lines; a quoted cell may span several. */
export class CsvParser {
  readonly #options: CsvParserOptions;
  readonly #quoted: QuotedCells;
  readonly #delimiter: number;
  readonly #highestStop: number;
  /** A row of NULLs; copying it is the fastest way to make one. */
  readonly #blank: CsvRow;
  #plans: readonly Plan[] = [];
  #header: CsvHeader | undefined;
  /** In a single column of text, a row that reads like the header is a row. */
  #mayRepeat = false;
  #headerStart = -1;
  #rest = '';
  #line = 1;
  #row: CsvRow = [];

  constructor(options: CsvParserOptions) {
    this.#options = options;
    this.#blank = options.columns.map(() => null);
    this.#quoted = new QuotedCells(options.escape);
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#highestStop = Math.max(this.#delimiter, LINE_FEED);
  }

  /** The header that holds for the rows; undefined as long as there is nothing but blank lines. */
  get header(): CsvHeader | undefined {
    return this.#header;
  }

  /** The rows that end in `text`; `last` says that nothing comes behind it. */
  push(text: string, last: boolean): CsvRow[] {
    const all = this.#rest === '' ? text : this.#rest + text;
    const rows: CsvRow[] = [];
    this.#quoted.use(all);
    let at = this.#header === undefined ? this.#readHeader(all, last) : 0;
    while (at !== INCOMPLETE && at < all.length) {
      const end = this.#nextRow(all, at, last);
      if (end === INCOMPLETE) break;
      if (this.#row.length > 0) rows.push(this.#row);
      at = end;
    }
    this.#rest = at === INCOMPLETE ? all : all.slice(at);
    if (this.#rest.length > MAX_ROW_CHARACTERS) throw this.#formatError('never ends');
    return rows;
  }

  /**
   * Reads a row into `#row` (empty for a blank line, though with one column that is a NULL); where
   * the next one begins.
   */
  #nextRow(text: string, at: number, last: boolean): number {
    if (this.#plans.length > 1 && isBlank(text, at)) {
      return this.#skipLine(text, at);
    }
    if (this.#isHeaderAgain(text, at)) {
      this.#options.onRepeatedHeader?.();
      return this.#skipLine(text, at);
    }
    this.#quoted.beginRow();
    let end: number;
    try {
      end = this.#readRow(text, at, last);
    } catch (error) {
      if (!this.#quoted.otherReading()) throw error;
      end = this.#reread(text, at, last, error);
    }
    if (end === INCOMPLETE) return end;
    this.#line += this.#quoted.usedInRow ? countLines(text, at, end) : 1;
    return end;
  }

  /** Leaves a line out that is no row; where the next one begins. */
  #skipLine(text: string, at: number): number {
    this.#row = [];
    this.#line += 1;
    return text.indexOf('\n', at) + 1 || text.length;
  }

  /** Parts that were put together have their headers, and byte order marks, among the rows. */
  #isHeaderAgain(text: string, at: number): boolean {
    const code = text.charCodeAt(at);
    if (code !== this.#headerStart && code !== BYTE_ORDER_MARK) return false;
    const header = this.#header?.text ?? '';
    const from = code === BYTE_ORDER_MARK ? at + 1 : at;
    if (!this.#mayRepeat || !text.startsWith(header, from)) return false;
    const end = from + header.length;
    return end >= text.length || isBlank(text, end);
  }

  /** Reads a row again by the other of the two ways to escape; if that fails too, as at first. */
  #reread(text: string, at: number, last: boolean, error: unknown): number {
    try {
      return this.#readRow(text, at, last);
    } catch {
      this.#quoted.otherReading();
      throw error;
    }
  }

  #readRow(text: string, start: number, last: boolean): number {
    const plans = this.#plans;
    const row = this.#blank.slice();
    const { length } = text;
    let at = start;
    for (let column = 0; column < plans.length; column += 1) {
      const plan = plans[column] as Plan;
      const end =
        text.charCodeAt(at) === QUOTE
          ? this.#readQuoted(text, at, last, plan, row)
          : this.#readPlain(text, at, plan, row);
      if (end === INCOMPLETE) return INCOMPLETE;
      const isDelimiter = end < length && text.charCodeAt(end) === this.#delimiter;
      if (isDelimiter !== column + 1 < plans.length) throw this.#countError(column, isDelimiter);
      at = end + 1;
    }
    this.#row = row;
    return at;
  }

  /** Reads an unquoted cell; the index of what ends it. */
  #readPlain(text: string, from: number, plan: Plan, row: CsvRow): number {
    const { length } = text;
    const delimiter = this.#delimiter;
    const highestStop = this.#highestStop;
    let end = plan.isInteger ? endOfDigits(text, from) : from;
    let code = end < length ? text.charCodeAt(end) : LINE_FEED;
    if (code === delimiter && isShortInteger(text, from, end)) {
      // The commonest cell of all, for which looking once is enough.
      if (plan.target !== -1) row[plan.target] = text.slice(from, end);
      return end;
    }
    while (end < length) {
      code = text.charCodeAt(end);
      if (code <= highestStop && (code === delimiter || code === LINE_FEED)) break;
      end += 1;
    }
    if (plan.target === -1) return end;
    let to = end;
    if (code !== delimiter && to > from && text.charCodeAt(to - 1) === CARRIAGE_RETURN) to -= 1;
    if (from !== to) row[plan.target] = this.#plainCell(text, from, to, plan);
    return end;
  }

  /** Reads a quoted cell; the index of what ends it. */
  #readQuoted(text: string, from: number, last: boolean, plan: Plan, row: CsvRow): number {
    const end = this.#quoted.read(from);
    if (end === INCOMPLETE) {
      if (last) throw this.#formatError('has a quoted cell that never ends');
      return INCOMPLETE;
    }
    if (plan.target !== -1) row[plan.target] = this.#quotedCell(this.#quoted.value, plan);
    if (end < text.length && !this.#endsCell(text, end)) {
      const behind = JSON.stringify(text.slice(end, end + 10));
      throw this.#formatError(`has ${behind} behind a closing quote in column ${plan.name}`);
    }
    return text.charCodeAt(end) === CARRIAGE_RETURN ? end + 1 : end;
  }

  #countError(column: number, more: boolean): CsvFormatError {
    const found = more ? `more than ${column + 1}` : String(column + 1);
    return this.#formatError(`has ${found} cells instead of ${this.#plans.length}`);
  }

  #endsCell(text: string, end: number): boolean {
    const code = text.charCodeAt(end);
    if (code === this.#delimiter || code === LINE_FEED) return true;
    return (
      code === CARRIAGE_RETURN &&
      (end + 1 === text.length || text.charCodeAt(end + 1) === LINE_FEED)
    );
  }

  #plainCell(text: string, from: number, to: number, plan: Plan): string | null {
    if (plan.isPlain(text, from, to)) return text.slice(from, to);
    if (plan.isText) {
      const cell = text.slice(from, to);
      return cell === this.#options.nullWord ? null : cell;
    }
    const { lastCell } = plan;
    if (lastCell.length === to - from && text.startsWith(lastCell, from)) return plan.lastValue;
    return this.#typedCell(text.slice(from, to), plan);
  }

  /** A quoted cell: the word for NULL is text there, where text fits. */
  #quotedCell(cell: string, plan: Plan): string | null {
    if (cell === '') return null;
    return plan.isText || plan.isPlain(cell, 0, cell.length) ? cell : this.#typedCell(cell, plan);
  }

  #typedCell(cell: string, plan: Plan): string | null {
    const value = plan.read(cell);
    if (value !== undefined) {
      plan.lastCell = cell;
      plan.lastValue = value;
      return value;
    }
    const { file, nullWord } = this.#options;
    if (nullWord !== null && cell.toLowerCase() === nullWord.toLowerCase()) return null;
    throw new CsvCellError({
      file,
      line: this.#line,
      column: plan.name,
      type: plan.type,
      value: cell.slice(0, 100),
    });
  }

  #readHeader(text: string, last: boolean): number {
    const { columns, delimiter, former } = this.#options;
    const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    let at = start;
    while (at < text.length && isBlank(text, at)) {
      at = text.indexOf('\n', at) + 1 || text.length;
      this.#line += 1;
    }
    if (at === text.length) return at;
    const record = firstRecord(text, at, { quoted: this.#quoted, delimiter });
    if (record === undefined) {
      if (last) throw this.#formatError('has a quoted name that never ends');
      return INCOMPLETE;
    }
    const { cells: names, end } = record;
    const isOwn = isHeader(names, columns, former?.names);
    this.#begin(isOwn ? { names, text: lineOf(text, at, end) } : (former as CsvHeader));
    if (!isOwn) {
      this.#line = 1;
      return start;
    }
    this.#line += countLines(text, at, end);
    return end;
  }

  #begin(header: CsvHeader): void {
    const { columns, file } = this.#options;
    const targets = matchHeader(header.names, columns, file);
    this.#plans = header.names.map((name, index) => planOf(name, targets[index] ?? -1, columns));
    this.#mayRepeat = this.#plans.length > 1 || this.#plans.some(({ isText }) => !isText);
    this.#header = header;
    this.#headerStart = header.text.charCodeAt(0);
  }

  #formatError(what: string): CsvFormatError {
    return new CsvFormatError(
      `${this.#options.file}, line ${this.#line} ${what}; check the file’s dialect (delimiter, escape)`,
    );
  }
}

function planOf(name: string, target: number, columns: readonly CsvColumn[]): Plan {
  const column = columns[target];
  const type = column?.type ?? 'STRING';
  return {
    name: column?.name ?? name,
    type,
    target,
    isText: type === 'STRING',
    isPlain: plainTests[type],
    isInteger: type === 'LONG' || type === 'INTEGER',
    read: cellReaders[type],
    lastCell: '',
    lastValue: '',
  };
}

function lineOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/\r?\n$/, '');
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === LINE_FEED) return true;
  if (code !== CARRIAGE_RETURN) return false;
  return at + 1 === text.length || text.charCodeAt(at + 1) === LINE_FEED;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    lines += 1;
  }
  return lines;
}
