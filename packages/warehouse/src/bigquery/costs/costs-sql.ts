import type { JobCost } from '../../warehouse-costs.ts';
import type { JobKind } from './job-costs.ts';
import { literal, qualified, timestampLiteral } from '../tables/sql-text.ts';
import { COSTS_TABLE } from '../tables/table-resources.ts';

/** What one run has submitted. */
export interface CostEntry {
  readonly runId: string;
  /** Wall time, ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly kinds: ReadonlyMap<JobKind, JobCost>;
}

/** Enters what a run has cost, a row for each kind of its jobs. */
export function enterCostsSql(dataset: string, entry: CostEntry): string {
  const { runId, startedAt, endedAt, kinds } = entry;
  const run = `${literal(runId)}, ${timestampLiteral(startedAt)}, ${timestampLiteral(endedAt)}`;
  const rows = [...kinds].map(
    ([kind, { jobs, bytesBilled }]) => `(${run}, ${literal(kind)}, ${jobs}, ${bytesBilled})`,
  );
  return `INSERT INTO ${qualified(dataset, COSTS_TABLE)} (run_id, started_at, ended_at, kind, jobs, bytes_billed) VALUES ${rows.join(', ')}`;
}

/** Sums of a kind, and beside each the same facts of all runs and of the last one. */
export interface CostRow extends Readonly<Record<string, unknown>> {
  readonly kind: JobKind;
  readonly jobs: string;
  readonly bytes_billed: string;
  readonly runs: string;
  readonly since: string;
  readonly last_run_id: string;
  readonly last_started_at: string;
  readonly last_ended_at: string;
  readonly last_jobs: string;
  readonly last_bytes_billed: string;
}

const sum = (column: string) => `CAST(SUM(${column}) AS STRING)`;
const instant = (value: string) => `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${value}, 'UTC')`;

export function costsSql(dataset: string): string {
  const table = qualified(dataset, COSTS_TABLE);
  return `SELECT k.kind, k.jobs, k.bytes_billed, a.runs, a.since,
      l.run_id AS last_run_id, l.started_at AS last_started_at, l.ended_at AS last_ended_at,
      l.jobs AS last_jobs, l.bytes_billed AS last_bytes_billed
    FROM (SELECT kind, ${sum('jobs')} AS jobs, ${sum('bytes_billed')} AS bytes_billed FROM ${table} GROUP BY kind) AS k
    CROSS JOIN (SELECT CAST(COUNT(DISTINCT run_id) AS STRING) AS runs, ${instant('MIN(started_at)')} AS since FROM ${table}) AS a
    CROSS JOIN (
      SELECT run_id, ${instant('MIN(started_at)')} AS started_at, ${instant('MAX(ended_at)')} AS ended_at, ${sum('jobs')} AS jobs, ${sum('bytes_billed')} AS bytes_billed
      FROM ${table} GROUP BY run_id ORDER BY 3 DESC LIMIT 1
    ) AS l
    ORDER BY k.kind`;
}
