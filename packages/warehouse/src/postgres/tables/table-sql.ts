import { createHash } from 'node:crypto';
import { addDays, RESERVED_COLUMNS } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { TableDefinition } from '../../tables/table-definition.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import { identifierOf, OWN_PREFIX } from '../../tables/naming.ts';
import { SQL_TYPES } from './column-types.ts';
import { qualified, quote, quoteLiteral } from '../connection/identifiers.ts';

export const POSTGRES_NAMES = {
  maxBytes: 63,
  letterCase: 'keep',
  // https://www.postgresql.org/docs/18/ddl-system-columns.html
  systemColumns: ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'],
} as const;

/** The columns of slice tables that are never NULL are the reserved ones. */
const RESERVED: ReadonlySet<string> = new Set(RESERVED_COLUMNS);

/** A column to be made. */
export interface NewColumn {
  readonly name: string;
  readonly sqlType: string;
  readonly isNotNull: boolean;
}

export function newColumns(
  definition: TableDefinition,
  metadata: readonly MetadataColumn[],
): NewColumn[] {
  const own = definition.columns.map((column) => ({
    name: column.name,
    sqlType: SQL_TYPES[column.kind],
    isNotNull: definition.method === 'slices' && RESERVED.has(column.property),
  }));
  const added = metadata.map(({ name, kind }) => ({
    name,
    sqlType: SQL_TYPES[kind],
    isNotNull: false,
  }));
  return [...own, ...added];
}

/** Statements that make the table of a stream. Slices are partitioned from the start. */
export function createTableSql(
  schema: string,
  definition: TableDefinition,
  columns: readonly NewColumn[],
): string[] {
  const table = qualified(schema, definition.table);
  const list = columns.map(
    ({ name, sqlType, isNotNull }) => `${quote(name)} ${sqlType}${isNotNull ? ' NOT NULL' : ''}`,
  );
  const create = `CREATE TABLE ${table} (${list.join(', ')})`;
  if (definition.method !== 'slices') return [create];
  return [
    `${create} PARTITION BY RANGE (event_date)`,
    `CREATE INDEX ${quote(derived(definition.table, 'slice'))} ON ${table} (account_id, event_date)`,
  ];
}

/** First day of the month of `date`, and of the month after. */
export function monthOf(date: EventDate): { readonly from: EventDate; readonly to: EventDate } {
  const from = `${date.slice(0, 7)}-01`;
  return { from, to: `${addDays(from, 31).slice(0, 7)}-01` };
}

/** `dsp_clicks_p2026_01`. */
export function partitionName(table: string, date: EventDate): string {
  return derived(table, `p${date.slice(0, 4)}_${date.slice(5, 7)}`);
}

/**
 * Statements that make the partition of a month standalone and then attach it. ATTACH takes a lock
 * that neither waits for readers nor holds them up; CREATE … PARTITION OF takes one that does.
 * https://www.postgresql.org/docs/18/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
 */
export function partitionSql(schema: string, table: string, date: EventDate): string[] {
  const { from, to } = monthOf(date);
  const parent = qualified(schema, table);
  const partition = qualified(schema, partitionName(table, date));
  const range = `FROM (${quoteLiteral(from)}) TO (${quoteLiteral(to)})`;
  return [
    `CREATE TABLE ${partition} (LIKE ${parent} INCLUDING ALL)`,
    `ALTER TABLE ${parent} ATTACH PARTITION ${partition} FOR VALUES ${range}`,
  ];
}

/** The table that gathers what takes the place of all that a table has; no stream's has such a name. */
export function stageName(qualifiedTable: string): string {
  const hash = createHash('sha256').update(qualifiedTable).digest('hex').slice(0, 32);
  return `${OWN_PREFIX}stage_${hash}`;
}

/** A name made from a table's, short enough. */
export function derived(table: string, suffix: string): string {
  return identifierOf(`${table}_${suffix}`, POSTGRES_NAMES);
}
