import { currentViewSql } from '@traffic-events/warehouse/postgres';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { describe, expect, it } from 'vitest';

import { MeltanoProject } from './meltano-project.ts';
import { hasPython } from './python-peers.ts';
import { DSP, TapWorld } from './tap-world.ts';
import { isThorough } from '../reporting/thorough.ts';

const INSTALL_MS = 300_000;
const SCHEMA = 'traffic_events';

interface Extraction {
  readonly event_date: string;
  readonly create_time: Date;
  readonly impressions: string;
}

/** Impressions of the current copies by date, with when each was created. */
const CURRENT = `
  SELECT event_date::text, max(e.create_time) AS create_time, sum(impressions)::text AS impressions
    FROM ${SCHEMA}.dsp_impressions_current JOIN ${SCHEMA}.extractions AS e USING (execution_id, event_date)
   GROUP BY event_date ORDER BY event_date`;

describe.runIf(isThorough && hasPython())("MeltanoLabs' target-postgres", () => {
  it(
    'keeps every copy of a slice, and the *_current views still give the right totals',
    async () => {
      await using world = await TapWorld.start('2026-01-03T06:00:00Z');
      const database = await createTestDatabase();
      try {
        const project = await MeltanoProject.create(world, 'target-postgres', {
          TARGET_POSTGRES_SQLALCHEMY_URL: database.url.replace(/^postgres:/, 'postgresql:'),
          TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA: SCHEMA,
        });
        const first = await project.meltano('run', 'tap-traffic-events', 'target-postgres');
        expect([first.code, first.stderr.slice(-2000)]).toEqual([0, expect.any(String)]);
        await database.query(currentViewSql(SCHEMA, 'dsp_impressions', 'dsp_impressions'));
        const before = await database.query<Extraction>(CURRENT);

        world.simulator.clock.advanceTo(Date.parse('2026-01-05T06:00:00Z'));
        const again = await project.meltano('run', 'tap-traffic-events', 'target-postgres');
        expect(again.code).toBe(0);
        const after = await database.query<Extraction>(CURRENT);

        expect(before.map(({ event_date: date }) => date)).toEqual(['2026-01-01', '2026-01-02']);
        expect(after.length).toBeGreaterThan(before.length);
        expect(after[0]?.impressions).not.toBe(before[0]?.impressions);
        for (const { event_date, create_time, impressions } of after) {
          const [row] = await world.simulator.truth({
            account: DSP,
            dataSource: 'dsp_impressions',
            from: event_date,
            to: event_date,
            asOfMs: create_time.getTime(),
          });
          expect([event_date, impressions]).toEqual([event_date, row?.totals['impressions']]);
        }
      } finally {
        await database.drop();
      }
    },
    INSTALL_MS,
  );
});
