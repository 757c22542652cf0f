import { DEFINITIONS_TABLE } from '../../tables/naming.ts';
import type { DefinitionOfStream } from '../../tables/extracted-definitions.ts';
import { jsonLiteral, literal, qualified, timestampLiteral } from '../tables/sql-text.ts';

const TEXTS = ['stream', 'fingerprint', 'time_zone', 'kind', 'query'] as const;
const NAMES = [...TEXTS, 'columns', 'first_used_at', 'last_used_at'].join(', ');

/** Enters what streams ask for, or that it is used again. */
export function enterDefinitionsSql(
  dataset: string,
  definitions: readonly DefinitionOfStream[],
  usedAt: string,
): string[] {
  const target = qualified(dataset, DEFINITIONS_TABLE);
  const instant = timestampLiteral(usedAt);
  const rows = definitions.map((definition) => {
    const texts = TEXTS.map((name) => `${literal(definition[name])} AS ${name}`);
    return `SELECT ${texts.join(', ')}, ${jsonLiteral(definition.columns)} AS columns, ${instant} AS first_used_at, ${instant} AS last_used_at`;
  });
  const given = `(${rows.join(' UNION ALL ')}) AS given`;
  const isSame = 'held.stream = given.stream AND held.fingerprint = given.fingerprint';
  return [
    `UPDATE ${target} AS held SET columns = given.columns, last_used_at = GREATEST(held.last_used_at, given.last_used_at) FROM ${given} WHERE ${isSame}`,
    `INSERT INTO ${target} (${NAMES}) SELECT ${NAMES} FROM ${given} WHERE NOT EXISTS (SELECT 1 FROM ${target} AS held WHERE ${isSame})`,
  ];
}
