import { quote, quoteLiteral } from '../connection/identifiers.ts';

interface GrantRoles {
  readonly schema: string;
  /** Role for BI: reads every table and view of the schema, and nothing else. */
  readonly reader: string;
  /** Role for loading: what the loader needs, and nothing else. */
  readonly loader: string;
}

/**
 * Statements for whoever administers the database; they may be run again, and after a first sync. The
 * loader owns what it makes, and what is there: whoever made that becomes a member of it, and loads
 * on. The reader sees what is there and what is yet to come, whichever of them makes it.
 */
export function grantStatements({ schema, reader, loader }: GrantRoles): string[] {
  const [place, bi, load] = [quote(schema), quote(reader), quote(loader)];
  return [
    roleSql(reader),
    roleSql(loader),
    `CREATE SCHEMA IF NOT EXISTS ${place} AUTHORIZATION ${load}`,
    `GRANT USAGE, CREATE ON SCHEMA ${place} TO ${load}`,
    handOverSql(schema, reader, loader),
    `GRANT USAGE ON SCHEMA ${place} TO ${bi}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${place} TO ${bi}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${load} IN SCHEMA ${place} GRANT SELECT ON TABLES TO ${bi}`,
  ];
}

/** There is no IF NOT EXISTS for roles. */
function roleSql(role: string): string {
  return doSql(`BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(role)}) THEN
    CREATE ROLE ${quote(role)} NOLOGIN;
  END IF;
END`);
}

function handOverSql(schema: string, reader: string, loader: string): string {
  const [place, load] = [quoteLiteral(schema), quoteLiteral(loader)];
  return doSql(`DECLARE made record; BEGIN
  FOR made IN
    SELECT DISTINCT pg_get_userbyid(owner) AS owner
      FROM (SELECT nspowner AS owner FROM pg_namespace WHERE nspname = ${place}
            UNION SELECT relowner FROM pg_class WHERE relnamespace = ${place}::regnamespace) AS owners
     WHERE pg_get_userbyid(owner) <> ${load}
  LOOP
    EXECUTE format('GRANT %I TO %I', ${load}, made.owner);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT ON TABLES TO %I',
                   made.owner, ${place}, ${quoteLiteral(reader)});
  END LOOP;
  FOR made IN
    SELECT relname AS name FROM pg_class
     WHERE relnamespace = ${place}::regnamespace AND relkind IN ('r', 'p', 'v')
       AND pg_get_userbyid(relowner) <> ${load}
  LOOP
    EXECUTE format('ALTER TABLE %I.%I OWNER TO %I', ${place}, made.name, ${load});
  END LOOP;
END`);
}

/** Between dollars that no name in it can end. */
function doSql(body: string): string {
  let tag = '$$';
  for (let count = 1; body.includes(tag); count += 1) tag = `$do${count}$`;
  return `DO ${tag} ${body} ${tag}`;
}
