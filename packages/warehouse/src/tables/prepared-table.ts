import type { ColumnKind } from './column-kind.ts';
import type { ColumnLimit } from './fitting-column.ts';
import type { MetadataColumn } from './metadata-columns.ts';
import type { TableDefinition } from './table-definition.ts';

/** A stream's definition with the kinds that its columns really have, by column name. */
export interface PreparedTable {
  readonly definition: TableDefinition;
  readonly kinds: ReadonlyMap<string, ColumnKind>;
  /** What others' columns do not take, by column name. */
  readonly limits: ReadonlyMap<string, ColumnLimit>;
  /** Columns that the loader fills beside the record's own. */
  readonly metadata: readonly MetadataColumn[];
}

/** Whether the warehouse may be the only place that still has what a stream's table holds. */
export function isGuarded({ method }: Pick<TableDefinition, 'method'>): boolean {
  return method === 'slices' || method === 'ledger';
}

/** The table as it is wanted: guarded ones get no columns but their own. */
export function wantedTable(
  definition: TableDefinition,
  metadata: readonly MetadataColumn[],
): PreparedTable {
  const names = new Set(definition.columns.map(({ name }) => name));
  return {
    definition,
    kinds: new Map(definition.columns.map(({ name, kind }) => [name, kind])),
    limits: new Map(),
    metadata: isGuarded(definition) ? [] : metadata.filter(({ name }) => !names.has(name)),
  };
}
