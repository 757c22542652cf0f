import { createHash } from 'node:crypto';
import type { NamingRules } from '../../tables/naming.ts';

/**
 * Letters, digits, `_` and `-`; columns allow more, tables do not. Names that BigQuery keeps for
 * itself get an `_` in front. https://cloud.google.com/bigquery/docs/schemas#column_names
 */
const FORBIDDEN =
  /[^\p{L}\p{M}\p{N}_-]|^(?=_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_)/giu;

export const BIGQUERY_NAMES = {
  maxBytes: 300,
  letterCase: 'keep',
  forbidden: FORBIDDEN,
  ignoresCase: true,
} as const satisfies NamingRules;

/** Tables that hold what is not yet in its place; they expire, so that a crash leaves nothing for long. */
export const STAGE_PREFIX = '_traffic_events_stage_';

/** The column of a staging table that says which of two rows came later. */
export const ORDER_COLUMN = '_traffic_events_order';

/** A name or job id that the same work always has, and no other work. */
export function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
