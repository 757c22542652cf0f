import type { HeldColumn } from './held-table.ts';
import { compared, distinctIdentifiers, hashed, identifierOf } from './naming.ts';
import type { NamingRules } from './naming.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** A column of a definition, and the one that its table has for it. */
export interface AssignedColumn {
  readonly column: ColumnDefinition;
  /** Absent where it has to be made. */
  readonly held: HeldColumn | undefined;
}

/**
 * Which columns of a table its properties have. What was noted decides; then, of columns without a
 * note, a name that only this property can have had, its own name, and what its name becomes. Never
 * the order in which the properties are listed: a SCHEMA may list them in any.
 */
export function assignColumns(
  { columns, naming }: TableDefinition,
  held: readonly HeldColumn[],
): AssignedColumn[] {
  const assigned = new Map<string, HeldColumn>();
  const taken = new Set<HeldColumn>();
  for (const { columnKey, propertyKey } of CLAIMS) {
    const found = new Map<string, HeldColumn>();
    for (const column of held) {
      const key = taken.has(column) ? undefined : columnKey(column, naming);
      if (key !== undefined && !found.has(key)) found.set(key, column);
    }
    for (const property of columns.map((column) => column.property).toSorted()) {
      const key = propertyKey(property, naming);
      const column = assigned.has(property) ? undefined : found.get(key);
      if (column === undefined) continue;
      assigned.set(property, column);
      taken.add(column);
      found.delete(key);
    }
  }
  return named(columns, assigned, { naming, held });
}

interface Claim {
  readonly columnKey: (column: HeldColumn, naming: NamingRules) => string | undefined;
  readonly propertyKey: (property: string, naming: NamingRules) => string;
}

const unnoted = ({ name, note }: HeldColumn) => (note === undefined ? name : undefined);

/** The strongest first. */
const CLAIMS: readonly Claim[] = [
  { columnKey: ({ note }) => note?.property, propertyKey: (property) => property },
  { columnKey: unnoted, propertyKey: hashed },
  { columnKey: unnoted, propertyKey: (property) => property },
  {
    columnKey: ({ name, note }, naming) =>
      note === undefined ? compared(name, naming) : undefined,
    propertyKey: (property, naming) => compared(identifierOf(property, naming), naming),
  },
];

function named(
  columns: readonly ColumnDefinition[],
  assigned: ReadonlyMap<string, HeldColumn>,
  { naming, held }: Pick<TableDefinition, 'naming'> & { readonly held: readonly HeldColumn[] },
): AssignedColumn[] {
  const missing = columns.flatMap(({ property }) => (assigned.has(property) ? [] : [property]));
  const names = distinctIdentifiers(
    missing,
    naming,
    held.map(({ name }) => name),
  );
  const made = new Map(missing.map((property, index) => [property, names[index] as string]));
  return columns.map((column) => {
    const has = assigned.get(column.property);
    const name = has?.name ?? made.get(column.property) ?? column.name;
    return { column: { ...column, name }, held: has };
  });
}
