import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { MeltanoProject } from './meltano-project.ts';
import { hasPython } from './python-peers.ts';
import { DSP, TapWorld } from './tap-world.ts';
import { isThorough } from '../reporting/thorough.ts';

const INSTALL_MS = 300_000;

describe.runIf(isThorough && hasPython())('Meltano', () => {
  it(
    'runs the tap into its target-jsonl, and the next run goes on from the state that it keeps',
    async () => {
      await using world = await TapWorld.start('2026-01-07T06:00:00Z');
      const project = await MeltanoProject.create(world, 'target-jsonl');
      const output = join(project.folder, 'output');
      mkdirSync(output);
      const first = await project.meltano('run', 'tap-traffic-events', 'target-jsonl');
      expect([first.code, first.stderr.slice(-2000)]).toEqual([0, expect.any(String)]);
      const records = readdirSync(output)
        .filter((name) => name.startsWith('dsp_impressions-'))
        .flatMap((name) => readFileSync(join(output, name), 'utf8').trimEnd().split('\n'));
      const total = records.reduce((sum, line) => {
        return sum + (JSON.parse(line) as { impressions: number }).impressions;
      }, 0);
      const truth = await world.simulator.truth({
        account: DSP,
        dataSource: 'dsp_impressions',
        from: '2026-01-01',
        to: '2026-01-06',
      });
      const expected = truth.reduce((sum, { totals }) => sum + Number(totals['impressions']), 0);
      expect(total).toBeGreaterThan(0);
      expect(total).toBeLessThanOrEqual(expected);
      expect(records[0]).toContain('"advertiser_id": 584930219384756193');

      const second = await project.meltano('run', 'tap-traffic-events', 'target-jsonl');
      expect(second.code).toBe(0);
      expect(second.stdout + second.stderr).toMatch(/"created":0,"adopted":0,"loaded":0/);
    },
    INSTALL_MS,
  );
});
