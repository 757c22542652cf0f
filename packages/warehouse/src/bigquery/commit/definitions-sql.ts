import { DEFINITIONS_TABLE } from '../../tables/naming.ts';
import type { StreamDefinition } from '../../tables/extracted-definitions.ts';
import { jsonLiteral, literal, qualified, timestampLiteral } from '../tables/sql-text.ts';

const NAMES = ['stream', 'fingerprint', 'time_zone', 'kind', 'query'] as const;

/** Enters what streams ask for, or that it is used again. */
export function enterDefinitionsSql(
  dataset: string,
  definitions: readonly StreamDefinition[],
  usedAt: string,
): string {
  const rows = definitions.map((definition) => {
    const texts = NAMES.map((name) => `${literal(definition[name])} AS ${name}`);
    return `SELECT ${texts.join(', ')}, ${jsonLiteral(definition.columns)} AS columns, ${timestampLiteral(usedAt)} AS used_at`;
  });
  return `MERGE ${qualified(dataset, DEFINITIONS_TABLE)} AS held
USING (${rows.join(' UNION ALL ')}) AS given
   ON held.stream = given.stream AND held.fingerprint = given.fingerprint
 WHEN MATCHED THEN UPDATE SET columns = given.columns, last_used_at = GREATEST(held.last_used_at, given.used_at)
 WHEN NOT MATCHED THEN INSERT (${NAMES.join(', ')}, columns, first_used_at, last_used_at)
   VALUES (${NAMES.map((name) => `given.${name}`).join(', ')}, given.columns, given.used_at, given.used_at)`;
}
