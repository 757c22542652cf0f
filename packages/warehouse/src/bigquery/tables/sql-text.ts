/** A string literal of GoogleSQL. Every character arrives as it is, on one line. */
export function literal(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these cannot stand in a literal as they are
  return `'${text.replaceAll(/[\\'\u0000-\u001f\u007f\u2028\u2029]/g, escaped)}'`;
}

/** `DATE '2026-01-31'`: a constant, so that only its partition is scanned. */
export function dateLiteral(date: string): string {
  return `DATE ${literal(date)}`;
}

/** An instant in ISO 8601. */
export function timestampLiteral(instant: string | null): string {
  return instant === null ? 'NULL' : `TIMESTAMP ${literal(instant)}`;
}

export function numberLiteral(number: number | string | boolean | null): string {
  return number === null ? 'NULL' : String(number).toUpperCase();
}

export function jsonLiteral(value: unknown): string {
  return `PARSE_JSON(${literal(JSON.stringify(value))})`;
}

/** A column between backticks. */
export function quote(identifier: string): string {
  return `\`${escapedName(identifier)}\``;
}

/** `` `dataset.table` ``, in the project of the client. */
export function qualified(dataset: string, table: string): string {
  return `\`${escapedName(dataset)}.${escapedName(table)}\``;
}

function escapedName(name: string): string {
  return name.replaceAll(/[\\`]/g, (character) => `\\${character}`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escaped(character: string): string {
  return (
    ESCAPES[character] ??
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toLowerCase()}`
  );
}
