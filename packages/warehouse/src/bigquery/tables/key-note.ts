import type { TableMetadata } from '@google-cloud/bigquery';
import { cleanText } from '@traffic-events/client';
import { keyViolated, StatementError } from '../../errors.ts';
import type { HeldTable } from '../../tables/held-table.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { keyNames } from '../../tables/table-definition.ts';
import { keyExpressions } from '../commit/stage-sql.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import { hashOf } from './names.ts';
import { qualified, quote } from './sql-text.ts';

/** The label of a table that says by which key its rows are told: BigQuery itself enforces none. */
export const KEY_LABEL = 'traffic_events_key';

/** What stands there once rows were added whatever their key is. */
const NO_KEY = 'none';
const MAX_SHOWN = 200;

/** What the label says of a table; undefined where rows are not told by a key. */
export function keyNoteOf(table: Pick<PreparedTable, 'definition'>): string | undefined {
  if (table.definition.method !== 'upsert') return undefined;
  return hashOf(keyNames(table.definition).toSorted());
}

/**
 * Has the label say by which key rows are told from now on. Where that is not known to be so already,
 * the rows that are held are looked at first. Throws `keyViolated`, and changes nothing, where two of
 * them have the same key: a record would replace both.
 */
export async function ensureKeyNote(
  connection: BigQueryConnection,
  table: PreparedTable,
  held: HeldTable,
): Promise<void> {
  const note = keyNoteOf(table);
  const known = held.keyNote === NO_KEY ? undefined : held.keyNote;
  if (note === known) return;
  if (note !== undefined) await refuseDuplicates(connection, table);
  await noteKey(connection, table, { note: note ?? NO_KEY, isKnown: known !== undefined });
}

/** One key that several rows have. */
export function sameKeySql(dataset: string, table: PreparedTable): string {
  const target = qualified(dataset, table.definition.table);
  const keys = keyNames(table.definition).map((name) => `t.${quote(name)}`);
  return `SELECT ANY_VALUE(TO_JSON_STRING(STRUCT(${keys.join(', ')}))) AS shown, CAST(COUNT(*) AS STRING) AS times FROM ${target} AS t GROUP BY ${keyExpressions(table, 't').join(', ')} HAVING COUNT(*) > 1 LIMIT 1`;
}

async function refuseDuplicates(connection: BigQueryConnection, table: PreparedTable) {
  const [found] = await connection.rows<{ shown: string; times: string }>(
    'read',
    sameKeySql(connection.datasetName, table),
  );
  if (found === undefined) return;
  const detail = `${cleanText(found.shown, MAX_SHOWN)} is there ${found.times} times.`;
  throw keyViolated(table.definition, keyNames(table.definition), detail);
}

/** Whoever may not change a table's labels has its rows looked at by each run. */
async function noteKey(
  connection: BigQueryConnection,
  { definition }: PreparedTable,
  { note, isKnown }: { note: string; isKnown: boolean },
): Promise<void> {
  const metadata: TableMetadata = { labels: { [KEY_LABEL]: note } };
  try {
    await connection.request(() =>
      connection.dataset.table(definition.table).setMetadata(metadata),
    );
  } catch (error) {
    const isHarmless = error instanceof StatementError && error.action === 'fatal' && !isKnown;
    if (!isHarmless) throw error;
  }
}
