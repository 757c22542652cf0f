import { StreamSchemaError } from '../errors.ts';
import { widened } from './column-kind.ts';
import type { ColumnKind } from './column-kind.ts';
import type { TableDefinition } from './table-definition.ts';

/** How a warehouse names the kinds of columns, and what it can make of them. */
export interface ColumnTypes {
  readonly types: Readonly<Record<ColumnKind, string>>;
  /** The kind of an existing column; undefined for a type that the loader does not write. */
  readonly kindOf: (type: string) => ColumnKind | undefined;
  /** Whether a column can be altered without losing anything; by its kind, to a wider one. */
  readonly isAlterable: (from: ColumnKind, to: ColumnKind) => boolean;
  /** Why a column cannot hold both: `no type holds both`. */
  readonly unfit: string;
  /** Where else the stream may be loaded: `schema`. */
  readonly elsewhere: string;
}

interface FittingKind {
  readonly kind: ColumnKind;
  /** Absent where the column can stay as it is. */
  readonly alterTo?: ColumnKind;
}

/**
 * What a column has to become, so that it holds both its old values and the new ones; `type` is that
 * of the column if it exists. Throws `StreamSchemaError` where no type does.
 */
export function fittingKind(
  { stream, table }: TableDefinition,
  { name, kind: wanted }: { readonly name: string; readonly kind: ColumnKind },
  type: string | undefined,
  { types, kindOf, isAlterable, unfit, elsewhere }: ColumnTypes,
): FittingKind {
  if (type === undefined) return { kind: wanted };
  const has = kindOf(type);
  if (has !== undefined) {
    if (types[has] === types[wanted]) return { kind: wanted };
    const wide = widened(has, wanted);
    if (wide === has) return { kind: has };
    if (wide !== undefined && isAlterable(has, wide)) return { kind: wide, alterTo: wide };
  }
  throw new StreamSchemaError(
    stream,
    `column ${name} of table ${table} is ${type}, but its property is now ${types[wanted]}, and ${unfit}. Rename the property, load into another ${elsewhere}, or alter the column yourself.`,
  );
}
