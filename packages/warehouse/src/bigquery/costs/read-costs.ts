import type { BigQuerySettings } from '../jobs/bigquery-settings.ts';
import { costsSql } from './costs-sql.ts';
import type { CostRow } from './costs-sql.ts';
import type { JobCost, WarehouseCosts } from '../../warehouse-costs.ts';
import { readTable } from '../tables/read-table.ts';
import { COSTS_TABLE } from '../tables/table-resources.ts';

/** Undefined where no run has entered its costs yet. */
export async function readCosts(options: {
  readonly connection: BigQuerySettings;
}): Promise<WarehouseCosts | undefined> {
  return summed(await readTable<CostRow>(options.connection, COSTS_TABLE, costsSql));
}

function summed(rows: readonly CostRow[]): WarehouseCosts | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const kinds = rows.map((row) => [row.kind, costOf(row.jobs, row.bytes_billed)] as const);
  const costs = kinds.map(([, cost]) => cost);
  return {
    since: new Date(first.since),
    runs: Number(first.runs),
    jobs: costs.reduce((sum, { jobs }) => sum + jobs, 0),
    bytesBilled: costs.reduce((sum, { bytesBilled }) => sum + bytesBilled, 0),
    kinds: Object.fromEntries(kinds),
    lastRun: {
      id: first.last_run_id,
      startedAt: new Date(first.last_started_at),
      endedAt: new Date(first.last_ended_at),
      ...costOf(first.last_jobs, first.last_bytes_billed),
    },
  };
}

function costOf(jobs: string, bytesBilled: string): JobCost {
  return { jobs: Number(jobs), bytesBilled: Number(bytesBilled) };
}
