import type { ColumnKind } from '../../tables/column-kind.ts';
import { ORDER_COLUMN } from '../tables/names.ts';
import { quote } from '../tables/sql-text.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { keyColumns, keyNames } from '../../tables/table-definition.ts';

/** Kinds whose values can be compared and partitioned by as they are. */
const COMPARABLE: ReadonlySet<ColumnKind> = new Set(['integer', 'text', 'date', 'boolean', 'uuid']);

interface CopiedColumns {
  readonly names: readonly string[];
  /** Expressions over the staging table `s`. */
  readonly values: readonly string[];
}

/** Columns of a table, and what fills them from a staging table. */
export function copiedColumns({ definition, kinds, metadata }: PreparedTable): CopiedColumns {
  const columns = [...definition.columns, ...metadata];
  const kindOf = (name: string, kind: ColumnKind) => kinds.get(name) ?? kind;
  return {
    names: columns.map(({ name }) => quote(name)),
    values: columns.map(({ name, kind }) =>
      kindOf(name, kind) === 'json' ? `PARSE_JSON(s.${quote(name)})` : `s.${quote(name)}`,
    ),
  };
}

/** Rows of a staging table, of each key the last. */
export function lastOfEachKey(table: PreparedTable, source: string): string {
  const { names, values } = copiedColumns(table);
  const selected = values.map((value, index) => `${value} AS ${names[index]}`).join(', ');
  const keys = keyExpressions(table, 's');
  const last =
    keys.length === 0
      ? ''
      : ` WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY ${keys.join(', ')} ORDER BY s.${ORDER_COLUMN} DESC) = 1`;
  return `SELECT ${selected} FROM ${source} AS s${last}`;
}

/**
 * Statements that put the rows of a staging table in the place of those with the same key. Columns
 * that the records no longer have keep what they hold.
 */
export function upsertSql(table: PreparedTable, target: string, source: string): string[] {
  const { names } = copiedColumns(table);
  const last = lastOfEachKey(table, source);
  const [ours, theirs] = [keyExpressions(table, 't'), keyExpressions(table, 'n')];
  const isSame = ours.map((key, index) => `${key} = ${theirs[index]}`).join(' AND ');
  const keys = new Set(keyNames(table.definition).map(quote));
  const others = names.filter((name) => !keys.has(name));
  const insert = `INSERT INTO ${target} (${names.join(', ')}) SELECT ${names.map((name) => `n.${name}`).join(', ')} FROM (${last}) AS n WHERE NOT EXISTS (SELECT 1 FROM ${target} AS t WHERE ${isSame})`;
  if (others.length === 0) return [insert];
  const set = others.map((name) => `${name} = n.${name}`).join(', ');
  return [`UPDATE ${target} AS t SET ${set} FROM (${last}) AS n WHERE ${isSame}`, insert];
}

/** What two rows of the same key have in common: JSON text where the value itself may be NULL. */
export function keyExpressions({ definition, kinds }: PreparedTable, alias: string): string[] {
  return keyColumns(definition).map(({ name, kind, isNullable }) => {
    const isPlain = !isNullable && COMPARABLE.has(kinds.get(name) ?? kind);
    const column = `${alias}.${quote(name)}`;
    return isPlain ? column : `TO_JSON_STRING(${column})`;
  });
}
