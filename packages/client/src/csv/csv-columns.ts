import type { ColumnType } from '../data-sources/data-source.ts';
import { CsvFormatError } from '../errors/csv-format-error.ts';
import { cleanText } from '../text/clean-text.ts';

/** A column to read from a result. */
export interface CsvColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Other names that the header may have for it. Letter case never matters. */
  readonly aliases?: readonly string[];
  /** NULL in every row of a file that lacks it, instead of a CsvFormatError. */
  readonly optional?: boolean;
}

const MAX_SHOWN_NAMES = 200;

/**
 * Whether the first record of a file is its header. A part behind another one (`former` is the header
 * of that) may have none: its first record is then a row. What is not clear counts as a header, and
 * is refused by `matchHeader` where it is none.
 */
export function isHeader(
  record: readonly string[],
  columns: readonly CsvColumn[],
  former: readonly string[] | undefined,
): boolean {
  if (former === undefined || record.length !== former.length) return true;
  const names = columns.flatMap(({ name, aliases = [] }) => [name, ...aliases]).concat(former);
  const known = new Set(names.map((name) => name.trim().toLowerCase()));
  const found = record.filter((cell) => known.has(cell.trim().toLowerCase()));
  return found.length * 2 > record.length;
}

/** Names as a message bears them: a file may be anything. */
export function namesOf(header: readonly string[]): string {
  return cleanText(header.slice(0, MAX_SHOWN_NAMES).join(', '));
}

/** For each column of a file, which of the wanted columns it is; -1 for one that nobody wants. */
export function matchHeader(
  header: readonly string[],
  columns: readonly CsvColumn[],
  file: string,
): number[] {
  const wanted = new Map<string, number>();
  columns.forEach(({ name, aliases = [] }, index) => {
    for (const alias of [name, ...aliases]) wanted.set(alias.toLowerCase(), index);
  });
  const targets = header.map((name) => wanted.get(name.trim().toLowerCase()) ?? -1);
  const missing = columns.filter(
    ({ optional }, index) => optional !== true && !targets.includes(index),
  );
  if (missing.length > 0) {
    throw new CsvFormatError(
      `${file} has no column ${missing.map(({ name }) => name).join(', ')}; its header is ${namesOf(header)}`,
    );
  }
  const twice = targets.find((target, index) => target !== -1 && targets.indexOf(target) !== index);
  if (twice !== undefined) {
    throw new CsvFormatError(
      `${file} has the column ${columns[twice]?.name} twice; its header is ${namesOf(header)}`,
    );
  }
  return targets;
}
