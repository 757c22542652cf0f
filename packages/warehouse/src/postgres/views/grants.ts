import { quote } from '../connection/identifiers.ts';

interface GrantRoles {
  readonly schema: string;
  /** Role for BI: reads every table and view of the schema, and nothing else. */
  readonly reader: string;
  /** Role for loading: what the loader needs, and nothing else. */
  readonly loader: string;
}

/**
 * Statements for whoever administers the database. The loader owns what it makes, so it needs only
 * the right to make it; the reader sees what is there and what is yet to come.
 */
export function grantStatements({ schema, reader, loader }: GrantRoles): string[] {
  const [place, bi, load] = [quote(schema), quote(reader), quote(loader)];
  return [
    `CREATE ROLE ${bi} NOLOGIN`,
    `CREATE ROLE ${load} NOLOGIN`,
    `CREATE SCHEMA IF NOT EXISTS ${place} AUTHORIZATION ${load}`,
    `GRANT USAGE, CREATE ON SCHEMA ${place} TO ${load}`,
    `GRANT USAGE ON SCHEMA ${place} TO ${bi}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${place} TO ${bi}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${load} IN SCHEMA ${place} GRANT SELECT ON TABLES TO ${bi}`,
  ];
}
