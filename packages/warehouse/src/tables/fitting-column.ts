import { StreamSchemaError } from '../errors.ts';
import { widened } from './column-kind.ts';
import type { ColumnKind } from './column-kind.ts';
import type { HeldColumn } from './held-table.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** What a column of some type holds. */
export interface HeldType {
  readonly kind: ColumnKind;
  /** Whether it holds a value of its kind as it is; absent where it holds all of them. */
  readonly holds?: ((value: unknown) => boolean) | undefined;
}

/** How a warehouse names the kinds of columns, and what it can make of them. */
export interface ColumnTypes {
  readonly types: Readonly<Record<ColumnKind, string>>;
  /** What an existing column holds; undefined for a type that the loader does not write. */
  readonly heldType: (type: string) => HeldType | undefined;
  /** Whether a column can be altered without losing anything; by its kind, to a wider one. */
  readonly isAlterable: (from: ColumnKind, to: ColumnKind) => boolean;
  /** Why a column cannot hold both: `no type holds both`. */
  readonly unfit: string;
  /** Where else the stream may be loaded: `schema`. */
  readonly elsewhere: string;
}

/** What a column that is another's does not take. */
export interface ColumnLimit {
  readonly holds: (value: unknown) => boolean;
  /** Goes behind the value: what the column is, and what its owner can do. */
  readonly problem: string;
}

/** What becomes of a column. */
export interface FittingColumn {
  readonly kind: ColumnKind;
  /** Absent where the column can stay as it is. */
  readonly alterTo?: ColumnKind | undefined;
  readonly limit?: ColumnLimit | undefined;
}

export interface FittingOptions {
  readonly types: ColumnTypes;
  /** Whether the whole table was made by this loader. */
  readonly isOurs: boolean;
  /** The statement by which its owner makes a column hold a kind. */
  readonly alterSql: (column: string, kind: ColumnKind) => string;
}

/**
 * What a column has to become, so that it holds both its old values and the new ones. Only what this
 * loader made is altered; another's column is used as it is, for the values that it holds. Throws
 * `StreamSchemaError` where no type does.
 */
export function fittingColumn(
  definition: TableDefinition,
  column: ColumnDefinition,
  held: HeldColumn,
  options: FittingOptions,
): FittingColumn {
  const { types, heldType, isAlterable } = options.types;
  const { kind: wanted } = column;
  const has = heldType(held.type);
  if (has === undefined) throw unfitColumn(definition, column, held, options);
  const isOurs = has.holds === undefined && (options.isOurs || held.note?.isMade === true);
  if (isOurs || has.kind === wanted) {
    if (types[has.kind] === types[wanted] && has.holds === undefined) return { kind: wanted };
  }
  if (isOurs) {
    if (!column.isTyped || has.kind === 'text' || has.kind === 'json') return { kind: has.kind };
    const wide = widened(has.kind, wanted) ?? asDelivered(wanted, options);
    if (wide === has.kind) return { kind: has.kind };
    if (wide !== undefined && isAlterable(has.kind, wide)) return { kind: wide, alterTo: wide };
  } else if (!column.isTyped || mayHold(has.kind, wanted)) {
    return limited(has, column, held, options);
  }
  throw unfitColumn(definition, column, held, options);
}

/**
 * Cells of a result come as text: as such a column of slices holds what it has and whatever comes, once
 * somebody says that its values are no others.
 */
function asDelivered(wanted: ColumnKind, { isOurs }: FittingOptions): ColumnKind | undefined {
  return isOurs && wanted === 'text' ? wanted : undefined;
}

function limited(
  { kind, holds }: HeldType,
  column: ColumnDefinition,
  { name, type }: HeldColumn,
  { alterSql }: FittingOptions,
): FittingColumn {
  const takesAll = kind === 'text' || kind === 'json';
  if (holds === undefined && (takesAll || kind === column.kind)) return { kind };
  // A double gives back what a double was; of other numbers those that it does not round.
  const isExact = (value: unknown) => kind !== 'double' || typeof value === 'number';
  const wide = takesAll ? kind : (widened(kind, column.kind) ?? column.kind);
  return {
    kind,
    limit: {
      holds: holds ?? isExact,
      problem: `which column ${name}, ${type}, does not hold as it is. The column was not made by this loader, so it is left as it is; its owner can run: ${alterSql(name, wide)}`,
    },
  };
}

const NUMBERS: ReadonlySet<ColumnKind> = new Set(['integer', 'numeric', 'double']);
const TEXTS: ReadonlySet<ColumnKind> = new Set(['text', 'date', 'timestamp', 'time', 'uuid']);

/** Whether some values of a property may fit into another's column: each of them is looked at. */
function mayHold(has: ColumnKind, wanted: ColumnKind): boolean {
  if (has === wanted || has === 'text' || has === 'json') return true;
  return [NUMBERS, TEXTS].some((kinds) => kinds.has(has) && kinds.has(wanted));
}

function unfitColumn(
  { stream, table, method, mayAddColumns, keyProperties }: TableDefinition,
  { kind, property }: ColumnDefinition,
  { name, type }: HeldColumn,
  { types: { types, unfit, elsewhere } }: FittingOptions,
): StreamSchemaError {
  const mayHaveOther = method !== 'slices' && !mayAddColumns && !keyProperties.includes(property);
  const cure = mayHaveOther ? 'Set type_conflict to new_column, rename' : 'Rename';
  return new StreamSchemaError(
    stream,
    `column ${name} of table ${table} is ${type}, but its property is now ${types[kind]}, and ${unfit}. ${cure} the property, load into another ${elsewhere}, or alter the column yourself.`,
  );
}
