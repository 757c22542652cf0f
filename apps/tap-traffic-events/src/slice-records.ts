import { RecordEncoder } from '@traffic-events/singer';
import type { RecordProperty } from '@traffic-events/singer';
import { FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { ResultColumn, ResultRow, SliceResult } from '@traffic-events/slice';
import { recordKey } from '@traffic-events/source';

/** The records of a slice as JSON objects, already serialised, in batches; without what is left out. */
export async function* sliceRecords(
  result: SliceResult,
  leftOut: ReadonlySet<string> = new Set(),
): AsyncGenerator<string[]> {
  const encode = recordEncoder(result, leftOut);
  let rowNumber = FIRST_ROW_NUMBER;
  for await (const rows of result.rows()) {
    const from = rowNumber;
    rowNumber += rows.length;
    yield rows.map((row, index) => encode(row, from + index));
  }
}

/** Serialises a row with what its slice adds to it. */
function recordEncoder(
  result: SliceResult,
  leftOut: ReadonlySet<string>,
): (row: ResultRow, rowNumber: number) => string {
  const { mark, columns, marketplace, extractedAt } = result;
  const flagAt = columns.findIndex(({ role }) => role === 'discriminator');
  const flags = flagAt === -1 ? [] : [flagAt];
  const others = columns.flatMap((column, index) =>
    index === flagAt || leftOut.has(recordKey(column)) ? [] : [index],
  );
  const order = [...flags, ...others];
  const ordered = order.flatMap((index) => columns[index] ?? []);
  const encoder = new RecordEncoder({
    properties: [
      ...['account_id', 'marketplace', 'event_date'].map(textProperty),
      ...ordered.map(columnProperty),
      textProperty('execution_id'),
      { name: 'row_number', kind: 'number' },
      textProperty('extracted_at'),
    ],
  });
  return (row, rowNumber) =>
    encoder.encode([
      mark.account_id,
      marketplace,
      mark.event_date,
      ...order.map((index) => row[index] ?? null),
      mark.execution_id,
      String(rowNumber),
      extractedAt,
    ]);
}

function textProperty(name: string): RecordProperty {
  return { name, kind: 'string' };
}

const KINDS: Readonly<Record<ResultColumn['type'], RecordProperty['kind']>> = {
  STRING: 'string',
  LONG: 'number',
  INTEGER: 'number',
  DECIMAL: 'number',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
  DATE: 'string',
  TIMESTAMP: 'string',
};

function columnProperty(column: ResultColumn): RecordProperty {
  return { name: recordKey(column), kind: KINDS[column.type] };
}
