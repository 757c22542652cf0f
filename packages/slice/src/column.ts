/**
 * Type of a result column, named as the data sources name it. LONG and INTEGER are 64-bit integers;
 * DECIMAL has up to 38 digits, 17 of them after the point.
 */
export type ColumnType =
  | 'STRING'
  | 'LONG'
  | 'INTEGER'
  | 'DECIMAL'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMP';

const NUMERIC: ReadonlySet<ColumnType> = new Set(['LONG', 'INTEGER', 'DECIMAL', 'DOUBLE']);

/** Whether values of a type can be summed. */
export function isNumericType(type: ColumnType): boolean {
  return NUMERIC.has(type);
}

/** A column of an execution's result, in the order of the query. */
export interface ResultColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: 'dimension' | 'metric' | 'discriminator';
  /** Unit as delivered, e.g. `millicents`. */
  readonly unit?: string;
  readonly description?: string;
}

/**
 * Columns that the project adds to every slice stream; these names win over the API's. `filtered`
 * comes from the result itself (the discriminator column), the others are added.
 */
export const RESERVED_COLUMNS = [
  'account_id',
  'marketplace',
  'event_date',
  'filtered',
  'execution_id',
  'row_number',
  'extracted_at',
] as const;

export const DISCRIMINATOR_COLUMN = 'filtered';

/** The column of the warehouse for an API column: `source_<name>` where the name is reserved. */
export function warehouseColumn(apiColumn: string): string {
  const reserved: readonly string[] = RESERVED_COLUMNS;
  return reserved.includes(apiColumn.toLowerCase()) ? `source_${apiColumn}` : apiColumn;
}
