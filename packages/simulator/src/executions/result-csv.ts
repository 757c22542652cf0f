import type { Behaviour } from '../settings/behaviour.ts';

/** Rows as text, NULL as null, in the order of `columns`. */
export interface ResultTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The result as CSV files, in the dialect that `behaviour` asks for. */
export function resultFiles(table: ResultTable, behaviour: Behaviour): Buffer[] {
  if (table.rows.length === 0 && behaviour.emptyResult !== 'header') {
    return behaviour.emptyResult === 'no_file' ? [] : [Buffer.alloc(0)];
  }
  const perFile = Math.max(1, Math.ceil(table.rows.length / behaviour.partFiles));
  const files: Buffer[] = [];
  for (let from = 0; from === 0 || from < table.rows.length; from += perFile) {
    const part = { columns: table.columns, rows: table.rows.slice(from, from + perFile) };
    const isReversed = behaviour.partColumns === 'reversed' && files.length % 2 === 1;
    files.push(partFile(isReversed ? reversed(part) : part, files.length, behaviour));
  }
  return files;
}

function partFile({ columns, rows }: ResultTable, part: number, behaviour: Behaviour): Buffer {
  const formats = columns.map(({ type }) => cellFormat(type, behaviour));
  const header = columns.map(({ name }) => quoted(name, behaviour)).join(',');
  const lines = rows.map((row) => line(row, formats, behaviour));
  const mark = behaviour.byteOrderMark ? '\uFEFF' : '';
  if (behaviour.partHeaders !== 'first' || part === 0) lines.unshift(header);
  if (behaviour.partHeaders === 'again') {
    lines.splice(Math.ceil(lines.length / 2), 0, `${mark}${header}`);
  }
  const end = behaviour.lineEnding === 'crlf' ? '\r\n' : '\n';
  return Buffer.from(`${mark}${lines.join(end)}${end}`);
}

function reversed({ columns, rows }: ResultTable): ResultTable {
  return { columns: columns.toReversed(), rows: rows.map((row) => row.toReversed()) };
}

type CellFormat = (text: string) => string;

function line(
  row: readonly (string | null)[],
  formats: readonly CellFormat[],
  behaviour: Behaviour,
): string {
  return row
    .map((cell, index) =>
      cell === null ? behaviour.nullText : quoted(formats[index]?.(cell) ?? cell, behaviour),
    )
    .join(',');
}

/** Text equal to the word for NULL is quoted, or it could not be told from NULL. */
function quoted(text: string, behaviour: Behaviour): string {
  const needed = text === 'NULL' || text === '' || /[",\r\n\\]/.test(text);
  if (!needed && !behaviour.quoteAll) return text;
  if (behaviour.escape === 'doubled') return `"${text.replaceAll('"', '""')}"`;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function cellFormat(type: string, behaviour: Behaviour): CellFormat {
  if (type === 'DATE') return behaviour.dateFormat === 'us' ? usDate : same;
  if (type === 'BOOLEAN') return booleanFormat(behaviour);
  if (type.startsWith('TIMESTAMP')) return timestampFormat(behaviour);
  return same;
}

const same: CellFormat = (text) => text;

/** `10/1/2024`, as a spreadsheet shows it. */
function usDate(text: string): string {
  const [year, month, day] = text.split('-').map(Number);
  return `${month}/${day}/${year}`;
}

function booleanFormat(behaviour: Behaviour): CellFormat {
  if (behaviour.booleanFormat === '1') return (text) => (text === 'true' ? '1' : '0');
  return behaviour.booleanFormat === 'TRUE' ? (text) => text.toUpperCase() : same;
}

function timestampFormat(behaviour: Behaviour): CellFormat {
  return (text) => {
    const [date = '', time = ''] = text.split(' ');
    const [clock = '', fraction = ''] = time.split('.');
    const digits = fraction === '' ? '' : `.${fraction}`;
    switch (behaviour.timestampFormat) {
      case 'space':
        return text;
      case 'T':
        return `${date}T${clock}${digits}`;
      case 'TZ':
        return `${date}T${clock}${digits}Z`;
      default:
        return `${date}T${clock}.${fraction.padEnd(3, '0')}`;
    }
  };
}
