import type { PartitionState } from '@traffic-events/slice';
import type { PartitionStatus, SliceFailureReason } from '../slices/partition-status.ts';
import type { BigQuerySettings } from './jobs/bigquery-settings.ts';
import { statusSql } from './commit/ledger-sql.ts';
import { readTable } from './tables/read-table.ts';
import { STATE_TABLE } from './tables/table-resources.ts';

interface StatusRow extends Readonly<Record<string, unknown>> {
  readonly stream: string;
  readonly account_id: string;
  readonly state: string;
  readonly run_id: string;
  readonly saved_at: string;
  readonly missed_dates: string | null;
  readonly failures: string | null;
}

/** Nothing where nothing has been loaded yet. */
export async function readStatus(options: {
  readonly connection: BigQuerySettings;
}): Promise<PartitionStatus[]> {
  const rows = await readTable<StatusRow>(options.connection, STATE_TABLE, statusSql);
  return rows.map((row) => ({
    stream: row.stream,
    accountId: row.account_id,
    state: JSON.parse(row.state) as PartitionState,
    runId: row.run_id,
    savedAt: new Date(row.saved_at),
    missedDates: row.missed_dates?.split(',') ?? [],
    failures: JSON.parse(row.failures ?? '[]') as SliceFailureReason[],
  }));
}
