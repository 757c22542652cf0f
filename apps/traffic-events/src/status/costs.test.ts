import { openWarehouse } from '@traffic-events/warehouse';
import { expect, test } from 'vitest';
import { costsOf, costsTable } from './costs.ts';

/** Two runs, as three rows of the table for each would add up; bytes no emulator bills. */
const COSTS = {
  since: new Date('2026-01-09T06:00:00Z'),
  runs: 2,
  jobs: 13,
  bytesBilled: 104_857_600,
  kinds: {
    commit: { jobs: 3, bytesBilled: 83_886_080 },
    lease: { jobs: 4, bytesBilled: 20_971_520 },
    load: { jobs: 6, bytesBilled: 0 },
  },
  lastRun: {
    id: '7640a662',
    startedAt: new Date('2026-01-10T06:00:00Z'),
    endedAt: new Date('2026-01-10T07:30:00Z'),
    jobs: 5,
    bytesBilled: 41_943_041,
  },
};

test('costs are told to machines in bytes', () => {
  expect(costsOf(COSTS)).toEqual({
    since: '2026-01-09T06:00:00.000Z',
    runs: 2,
    jobs: 13,
    bytes_billed: 104_857_600,
    kinds: {
      commit: { jobs: 3, bytes_billed: 83_886_080 },
      lease: { jobs: 4, bytes_billed: 20_971_520 },
      load: { jobs: 6, bytes_billed: 0 },
    },
    last_run: {
      id: '7640a662',
      started_at: '2026-01-10T06:00:00.000Z',
      ended_at: '2026-01-10T07:30:00.000Z',
      jobs: 5,
      bytes_billed: 41_943_041,
    },
  });
});

test('costs are told to people as a table of kinds with their sum, and the last run', () => {
  expect(costsTable(costsOf(COSTS)).split('\n')).toEqual([
    'BigQuery jobs of 2 runs since 2026-01-09T06:00:00.000Z:',
    '┌──────────┬──────┬─────────┐',
    '│ jobs for │ jobs │  billed │',
    '├──────────┼──────┼─────────┤',
    '│ commit   │    3 │  80 MiB │',
    '├──────────┼──────┼─────────┤',
    '│ lease    │    4 │  20 MiB │',
    '├──────────┼──────┼─────────┤',
    '│ load     │    6 │   0 MiB │',
    '├──────────┼──────┼─────────┤',
    '│ all      │   13 │ 100 MiB │',
    '└──────────┴──────┴─────────┘',
    'The last run, 7640a662, ended 2026-01-10T07:30:00.000Z: 5 jobs, 41 MiB billed.',
  ]);
});

test('PostgreSQL bills nothing, so there are none to tell', async () => {
  const warehouse = await openWarehouse({ url: 'postgres://nobody@127.0.0.1:1/none' }, {});
  expect(warehouse).not.toHaveProperty('readCosts');
});
