import { sql } from 'kysely';
import { qualified, quote, quoteLiteral } from '../connection/identifiers.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

export interface CommentPlace {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
}

/** What is to be said of a table or a view of ours. */
export interface Relation {
  readonly kind: 'TABLE' | 'VIEW';
  readonly name: string;
  readonly words: string | undefined;
  /** Of a column, whose comment comes along that the table below has at it. */
  readonly columnWords: (name: string, ofTable: string | null) => string | null | undefined;
  /** The table of which a view has the columns. */
  readonly below?: string | undefined;
}

interface FoundColumn {
  readonly name: string;
  readonly note: string | null;
  readonly below: string | null;
  readonly words: string | null;
  readonly is_owned: boolean;
}

/** Says of a relation and its columns what they are, where that is not said yet and is ours to say. */
export async function comment(place: CommentPlace, relation: Relation): Promise<void> {
  const { connection, statements, schema } = place;
  const { kind, name, words, below } = relation;
  const found = await connection.rows(
    columnsOf(qualified(schema, name), qualified(schema, below ?? name)).compile(statements),
  );
  const [first] = found;
  if (first?.is_owned !== true) return;
  const target = qualified(schema, name);
  const changes = found.flatMap((column) => {
    const text = relation.columnWords(column.name, column.below) ?? column.note;
    if (text === null || text === column.note) return [];
    return [`COMMENT ON COLUMN ${target}.${quote(column.name)} IS ${quoteLiteral(text)}`];
  });
  if (words !== undefined && words !== first.words) {
    changes.push(`COMMENT ON ${kind} ${target} IS ${quoteLiteral(words)}`);
  }
  if (changes.length > 0) await connection.execute(changes.join(';\n'));
}

function columnsOf(relation: string, below: string) {
  return sql<FoundColumn>`
    SELECT a.attname AS name, col_description(c.oid, a.attnum) AS note,
           col_description(b.attrelid, b.attnum) AS below,
           obj_description(c.oid, 'pg_class') AS words, pg_has_role(c.relowner, 'USAGE') AS is_owned
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attribute b ON b.attrelid = to_regclass(${below}) AND b.attname = a.attname
     WHERE c.oid = to_regclass(${relation})`;
}
