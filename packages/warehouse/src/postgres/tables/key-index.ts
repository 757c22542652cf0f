import { sql } from 'kysely';
import { DataRefusedError, keyViolated, StreamSchemaError } from '../../errors.ts';
import { keyNames } from '../../tables/table-definition.ts';
import type { TableDefinition } from '../../tables/table-definition.ts';
import { qualified, quote, quoteLiteral } from '../connection/identifiers.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { derived } from './table-sql.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

/** What is said of an index that was made for a stream's key. */
const KEY_NOTE = 'Key of the stream that is loaded into the table';

interface FoundIndex {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether ON CONFLICT finds it, and no two rows of one key are in it. */
  readonly is_key: boolean;
  /** Whether it is checked at the end of a transaction, where ON CONFLICT cannot use it. */
  readonly is_late: boolean;
  readonly note: string | null;
}

/**
 * Makes the unique index of a stream's key where no other does for it, and then drops the one that was
 * made for the key of before, in the same transaction. Throws `StreamSchemaError` where rows that are
 * held violate the new key: the old index stays.
 */
export async function ensureKeyIndex(
  { connection, statements }: { connection: PostgresConnection; statements: StatementBuilder },
  schema: string,
  definition: TableDefinition,
): Promise<void> {
  if (definition.method === 'slices') return;
  const keys = definition.method === 'upsert' ? keyNames(definition) : [];
  const table = qualified(schema, definition.table);
  const found = await connection.rows(indexesOf(table).compile(statements));
  const isSame = ({ columns }: FoundIndex) =>
    columns.length === keys.length && keys.every((name) => columns.includes(name));
  const late = keys.length > 0 && found.find((index) => index.is_late && isSame(index));
  if (late) {
    throw new StreamSchemaError(
      definition.stream,
      `constraint ${late.name} of table ${definition.table} over its key is DEFERRABLE, and rows cannot be replaced by such a key. Have its owner make it NOT DEFERRABLE, or load into another table.`,
    );
  }
  const isThere = keys.length === 0 || found.some((index) => index.is_key && isSame(index));
  if (!isThere) await make(connection, { schema, table, keys }, definition);
  for (const index of found) {
    if (index.note !== KEY_NOTE || isSame(index)) continue;
    await connection.execute(`DROP INDEX ${qualified(schema, index.name)}`);
  }
}

/** A key that may be NULL needs NULLS NOT DISTINCT. */
function indexesOf(table: string) {
  return sql<FoundIndex>`
    SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS note,
           array_agg(a.attname::text) AS columns, i.indisunique AND NOT i.indimmediate AS is_late,
           i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
             AND i.indexprs IS NULL AND (i.indnullsnotdistinct OR bool_and(a.attnotnull)) AS is_key
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
     WHERE i.indrelid = to_regclass(${table})
     GROUP BY c.oid, i.indexrelid, i.indisunique, i.indisvalid, i.indimmediate,
              i.indpred, i.indexprs, i.indnullsnotdistinct`;
}

/** NULLS NOT DISTINCT: a record whose key holds a NULL replaces its predecessor like any other. */
async function make(
  connection: PostgresConnection,
  { schema, table, keys }: { schema: string; table: string; keys: readonly string[] },
  definition: TableDefinition,
): Promise<void> {
  const index = derived(definition.table, `key_${keys.join('_')}`);
  try {
    await connection.execute(
      `CREATE UNIQUE INDEX ${quote(index)} ON ${table} (${keys.map(quote).join(', ')}) NULLS NOT DISTINCT`,
    );
  } catch (error) {
    if (!(error instanceof DataRefusedError)) throw error;
    throw keyViolated(definition, keys, error.message);
  }
  await connection.execute(
    `COMMENT ON INDEX ${qualified(schema, index)} IS ${quoteLiteral(KEY_NOTE)}`,
  );
}
