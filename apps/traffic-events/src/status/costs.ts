import type { JobCost, WarehouseCosts } from '@traffic-events/warehouse';
import Table from 'cli-table3';

interface JobSum {
  readonly jobs: number;
  readonly bytes_billed: number;
}

/** What loading has cost so far, as `status --json` prints it. Times are wall time. */
export interface Costs extends JobSum {
  readonly since: string;
  readonly runs: number;
  /** By what the jobs are for: load, commit, lease, read, alter, cost. */
  readonly kinds: Readonly<Record<string, JobSum>>;
  readonly last_run: JobSum & {
    readonly id: string;
    readonly started_at: string;
    readonly ended_at: string;
  };
}

export function costsOf(costs: WarehouseCosts): Costs {
  const { since, runs, kinds, lastRun } = costs;
  return {
    since: since.toISOString(),
    runs,
    ...sumOf(costs),
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, sum]) => [kind, sumOf(sum)])),
    last_run: {
      id: lastRun.id,
      started_at: lastRun.startedAt.toISOString(),
      ended_at: lastRun.endedAt.toISOString(),
      ...sumOf(lastRun),
    },
  };
}

function sumOf({ jobs, bytesBilled }: JobCost): JobSum {
  return { jobs, bytes_billed: bytesBilled };
}

/** A table for people, a row per kind of job, and a line of the last run. */
export function costsTable(costs: Costs): string {
  const table = new Table({
    head: ['jobs for', 'jobs', 'billed'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const row = (name: string, sum: JobSum) => [name, sum.jobs, mebibytes(sum)];
  table.push(
    ...Object.entries(costs.kinds).map(([kind, sum]) => row(kind, sum)),
    row('all', costs),
  );
  const { last_run: last, runs, since } = costs;
  return [
    `BigQuery jobs of ${runs} ${runs === 1 ? 'run' : 'runs'} since ${since}:`,
    table.toString(),
    `The last run, ${last.id}, ended ${last.ended_at}: ${last.jobs} jobs, ${mebibytes(last)} billed.`,
  ].join('\n');
}

/** BigQuery bills in units of 1 MiB. */
function mebibytes({ bytes_billed: bytes }: JobSum): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
