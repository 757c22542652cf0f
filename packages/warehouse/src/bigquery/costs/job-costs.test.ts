import { expect, test } from 'vitest';
import { enterCostsSql } from './costs-sql.ts';
import { JobCosts } from './job-costs.ts';

const billed = () => {
  const costs = new JobCosts();
  costs.add('load', 0);
  costs.add('commit', 73_400_320);
  costs.add('lease', 20_971_520);
  costs.add('commit', 10_485_760);
  return costs;
};

test('bytes billed, which no emulator tells, are added up by kind of job', () => {
  expect(billed().of('commit')).toEqual({ jobs: 2, bytesBilled: 83_886_080 });
  expect(billed().of('read')).toEqual({ jobs: 0, bytesBilled: 0 });
  expect(billed().fields()).toEqual({
    jobs: 4,
    bytes_billed: 104_857_600,
    load_jobs: 1,
    commit_jobs: 2,
    lease_jobs: 1,
  });
});

test('bytes billed, which no emulator tells, are entered by kind, with the job that enters them', () => {
  const entry = { runId: 'r', startedAt: '2026-01-09T06:00:00Z', endedAt: '2026-01-09T07:00:00Z' };
  const run = `'r', TIMESTAMP '2026-01-09T06:00:00Z', TIMESTAMP '2026-01-09T07:00:00Z'`;
  expect(enterCostsSql('d', { ...entry, kinds: billed().kindsWith('lease') })).toBe(
    `INSERT INTO \`d._traffic_events_costs\` (run_id, started_at, ended_at, kind, jobs, bytes_billed) VALUES (${run}, 'load', 1, 0), (${run}, 'commit', 2, 83886080), (${run}, 'lease', 2, 20971520)`,
  );
  const alone = enterCostsSql('d', { ...entry, kinds: billed().kindsWith('cost') });
  expect(alone).toContain(`(${run}, 'cost', 1, 0)`);
});
