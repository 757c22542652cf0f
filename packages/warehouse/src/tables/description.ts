import type { JsonSchema } from '@traffic-events/singer';

/** What BigQuery holds beside a table or a column. */
export const MAX_DESCRIPTION = 1024;

/** What a schema says in words of a table or a column. PostgreSQL takes no U+0000. */
export function descriptionOf({ description }: JsonSchema): string | undefined {
  if (typeof description !== 'string') return undefined;
  return description.slice(0, MAX_DESCRIPTION).replaceAll('\u0000', '').toWellFormed();
}
