import { systemClock } from '@traffic-events/client';
import type { Clock, Logger } from '@traffic-events/client';
import { sql } from 'kysely';
import { StatementError } from '../../errors.ts';
import { viewsToMake } from '../../views/warehouse-views.ts';
import { columnWords } from '../../views/column-words.ts';
import { qualified } from '../connection/identifiers.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { comment } from '../tables/comments.ts';
import { sliceTables } from '../tables/slice-tables.ts';
import type { StatementBuilder } from '../tables/warehouse-tables.ts';
import { createViewSql, postgresViews } from './postgres-views.ts';

export interface ViewPlace {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
  /** What the views tell the time by. */
  readonly clock: Clock;
}

/** Behind what is said of a view that this loader has made. */
const MADE = '(Made by traffic-events)';

/**
 * Makes the views over the tables that exist now, or brings them up to date, in the transaction that
 * is open: all, or those that read a table. Answers their statements, in order.
 */
export async function makeViews(place: ViewPlace, table?: string): Promise<string[]> {
  const { connection, schema, clock } = place;
  const known = await sliceTables(place);
  const [dialect, inRealTime] = [postgresViews(schema, clock), postgresViews(schema, systemClock)];
  const views = viewsToMake({ dialect, inRealTime, known, table });
  if (views.length === 0) return [];
  const made = views.map((view) => createViewSql(schema, view));
  await connection.execute(made.join(';\n'));
  for (const { name, description, below } of views) {
    const words = `${description} ${MADE}`;
    await comment(place, { kind: 'VIEW', name, words, below, columnWords: wordsOf });
  }
  return made;
}

/** A column that is a table's is what the table says. */
function wordsOf(column: string, ofTable: string | null): string | undefined {
  return ofTable ?? columnWords(column);
}

/** Brings views over a table up to date that were asked for once, where they are ours to change. */
export async function refreshViews(place: ViewPlace, table: string, logger: Logger): Promise<void> {
  const { connection, statements, schema } = place;
  const coverage = qualified(schema, 'coverage');
  const found = await connection.rows(
    sql`SELECT 1 FROM pg_class WHERE oid = to_regclass(${coverage}) AND relkind = 'v'
           AND pg_has_role(relowner, 'USAGE')`.compile(statements),
  );
  if (found.length === 0) return;
  await connection.execute('SAVEPOINT before_views');
  try {
    await makeViews(place, table);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    // What is loaded cannot be had again later; views can be made at any time.
    await connection.execute('ROLLBACK TO SAVEPOINT before_views');
    logger.warn({ reason: error.message }, 'views.outdated');
  }
}

interface UsingView {
  readonly name: string;
  readonly is_made: boolean;
  readonly grants: readonly string[];
}

/**
 * Does `work` on columns of a table while the loader's own views over them are away, and makes these
 * again. Answers the name of somebody's view that uses the columns; nothing is done then.
 */
export async function withoutViews(
  place: ViewPlace,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  work: () => Promise<void>,
): Promise<string | undefined> {
  const { connection, statements } = place;
  const users = await connection.rows(usersOf(table, columns).compile(statements));
  const others = users.find((view) => !view.is_made);
  if (others !== undefined) return others.name;
  if (users.length > 0) {
    await connection.execute(`DROP VIEW ${users.map(({ name }) => name).join(', ')}`);
  }
  await work();
  if (users.length === 0) return undefined;
  await makeViews(place);
  const grants = users.flatMap((view) => view.grants);
  if (grants.length > 0) await connection.execute(grants.join(';\n'));
  return undefined;
}

/** Views that use columns of a table, and the views over them, with what was granted of each. */
function usersOf(table: string, columns: readonly string[]) {
  return sql<UsingView>`
    WITH RECURSIVE users AS (
      SELECT r.ev_class AS oid
        FROM pg_depend d
        JOIN pg_rewrite r ON r.oid = d.objid
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
         AND d.refobjid = to_regclass(${table}) AND a.attname = ANY (${[...columns]})
      UNION
      SELECT r.ev_class
        FROM users u
        JOIN pg_depend d ON d.refobjid = u.oid
        JOIN pg_rewrite r ON r.oid = d.objid
       WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass)
    SELECT c.oid::regclass::text AS name,
           coalesce(c.relkind = 'v' AND pg_has_role(c.relowner, 'USAGE')
             AND right(obj_description(c.oid, 'pg_class'), ${MADE.length}) = ${MADE}, false) AS is_made,
           array(SELECT format('GRANT %s ON %s TO %s%s', granted.privilege_type, c.oid::regclass,
                   CASE granted.grantee WHEN 0 THEN 'PUBLIC'
                        ELSE quote_ident(pg_get_userbyid(granted.grantee)) END,
                   CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                   FROM aclexplode(c.relacl) AS granted
                  WHERE granted.grantee <> c.relowner) AS grants
      FROM users
      JOIN pg_class c ON c.oid = users.oid`;
}
