/**
 * COPY's text format, which costs less to write than its CSV.
 * https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export const NULL_FIELD = '\\N';
export const FIELD_END = '\t';
export const ROW_END = '\n';

// oxlint-disable-next-line no-control-regex -- U+0000 is what PostgreSQL cannot hold
const NEEDS_ESCAPE = /[\u0000\\\t\n\r]/;

/** Thrown for a text that PostgreSQL cannot hold; the caller knows which property it is. */
export class NulCharacterError extends Error {
  override readonly name = 'NulCharacterError';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** A text as a field. Throws `NulCharacterError`. */
export function copyField(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  if (text.includes('\u0000')) throw new NulCharacterError();
  return text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

/** The text that a field stands for, unless it is `NULL_FIELD`. */
export function copyText(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replaceAll(/\\(.)/g, (_, escaped: string) => UNESCAPES[escaped] ?? escaped);
}

const UNESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
