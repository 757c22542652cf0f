import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Simulator } from '../index.ts';
import { startTestSimulator } from '../testing/simulators.ts';

const repositoryRoot = join(import.meta.dirname, '../../../..');
const sharedFolder = process.env['TRAFFIC_EVENTS_SHARED'] ?? join(repositoryRoot, '../shared');
const REAL = join(sharedFolder, 'data/open-bandit-men.csv.gz');

/** Rows of the file with click = 1. */
const REAL_CLICKS = 115;

async function total(
  simulator: Simulator,
  question: {
    account: string;
    dataSource: 'dsp_impressions' | 'dsp_clicks' | 'sponsored_ads_traffic';
  },
  metric: string,
): Promise<number> {
  const rows = await simulator.truth({ ...question, from: '2026-01-20', to: '2026-02-05' });
  return rows.reduce((sum, row) => sum + Number(row.totals[metric]), 0);
}

test.skipIf(!existsSync(REAL))(
  'real events: both accounts together are the file, and its last day is the chosen one',
  async () => {
    const simulator = await startTestSimulator({
      now: '2026-02-20T00:00:00Z',
      events: { kind: 'file', path: REAL, lastEventDate: '2026-01-31' },
    });
    const dsp = { account: 'DE:dsp:1234' };
    const entity = { account: 'UK:entity:ENTITY1', dataSource: 'sponsored_ads_traffic' } as const;
    const impressions = [
      await total(simulator, { ...dsp, dataSource: 'dsp_impressions' }, 'impressions'),
      await total(simulator, entity, 'impressions'),
    ];
    expect(impressions[0]! + impressions[1]!).toBe(20_000);
    expect(Math.min(...impressions)).toBeGreaterThan(0);
    const clicks = [
      await total(simulator, { ...dsp, dataSource: 'dsp_clicks' }, 'clicks'),
      await total(simulator, entity, 'clicks'),
    ];
    expect(clicks[0]! + clicks[1]!).toBe(REAL_CLICKS);
    const rows = await simulator.truth({
      account: 'DE:dsp:1234',
      dataSource: 'dsp_impressions',
      from: '2026-01-20',
      to: '2026-02-05',
    });
    const dates = rows
      .filter((row) => row.totals['impressions'] !== '0')
      .map((row) => row.event_date);
    expect([dates[0], dates.at(-1), dates.length]).toEqual(['2026-01-25', '2026-01-31', 7]);
  },
);
