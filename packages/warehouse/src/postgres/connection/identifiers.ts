import pg from 'pg';

/** An identifier between double quotes, whatever characters it has. */
export function quote(identifier: string): string {
  return pg.escapeIdentifier(identifier);
}

/** `"schema"."table"`. */
export function qualified(schema: string, table: string): string {
  return `${quote(schema)}.${quote(table)}`;
}

export function quoteLiteral(text: string): string {
  return pg.escapeLiteral(text);
}
