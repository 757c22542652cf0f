import type { PartitionState } from '@traffic-events/slice';
import type { PartitionStatus } from '../partition-status.ts';
import { BigQueryConnection } from './bigquery-connection.ts';
import type { BigQuerySettings } from './bigquery-settings.ts';
import { statusSql } from './ledger-sql.ts';
import { STATE_TABLE } from './table-resources.ts';

interface StatusRow extends Readonly<Record<string, unknown>> {
  readonly stream: string;
  readonly account_id: string;
  readonly state: string;
  readonly run_id: string;
  readonly saved_at: string;
  readonly missed_dates: string | null;
}

/** Reads without a lease, beside whoever is loading; nothing where nothing has been loaded yet. */
export async function readStatus(options: {
  readonly connection: BigQuerySettings;
}): Promise<PartitionStatus[]> {
  const connection = new BigQueryConnection({ settings: options.connection });
  const { dataset } = connection;
  const found = await connection.requestUnless(404, () => dataset.getMetadata());
  if (found === undefined) return [];
  connection.runIn(found[0].location);
  const state = await connection.requestUnless(404, () => dataset.table(STATE_TABLE).getMetadata());
  if (state === undefined) return [];
  const rows = await connection.rows<StatusRow>('read', statusSql(connection.datasetName));
  return rows.map((row) => ({
    stream: row.stream,
    accountId: row.account_id,
    state: JSON.parse(row.state) as PartitionState,
    runId: row.run_id,
    savedAt: new Date(row.saved_at),
    missedDates: row.missed_dates?.split(',') ?? [],
  }));
}
