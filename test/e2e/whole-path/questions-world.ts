import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from '../programs.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import { World } from '../world.ts';
import type { WorldAccount } from '../world.ts';

const ACCOUNTS = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
  { kind: 'dsp', marketplace: 'UK', advertiserId: '771200345678901234' },
  { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' },
] as const satisfies readonly WorldAccount[];

export const DSP_ACCOUNTS = ['DE:dsp:590122334455667788', 'UK:dsp:771200345678901234'] as const;
export const ENTITY = 'UK:entity:ENTITY1A2B3C';

/** The dates that docs/questions.md asks for: what happened on them has all arrived. */
export const DATES = { from: '2026-01-30', to: '2026-02-02' } as const;
/** Of the day after them something may still arrive, and the two after that were never asked for. */
const LAST_ASKED = '2026-02-03';
const NOW = '2026-02-06T06:00:00Z';
/** Slow enough that it stays the day of NOW, however long a warehouse takes. */
const TIME_SCALE = 60;

/** Of the pound against the euro: of the first date there is none. */
export const RATES = { from: '2026-01-31', rate: 1.25 } as const;
const DAYS = 4;

const STREAMS = `
  dsp_impressions dsp_clicks dsp_views dsp_invalid_impressions dsp_invalid_clicks
  devices_traffic adserver_traffic invalid_adserver_traffic ivt_report page_url_report
  sponsored_ads_traffic sponsored_ads_invalid_traffic`
  .trim()
  .split(/\s+/);

export interface QuestionsWorld extends AsyncDisposable {
  readonly world: World;
  readonly warehouse: WarehouseUnderTest;
}

/** Every table and view that analysts ask, filled as a user fills them: backfill, rates, views. */
export async function questionsWorld(): Promise<QuestionsWorld> {
  const world = await World.start({
    accounts: ACCOUNTS,
    from: DATES.from,
    days: DAYS,
    eventsPerDay: 800,
    now: NOW,
    timeScale: TIME_SCALE,
    simulator: { executionDurationMs: 10_000 },
  });
  const warehouse = await world.warehouse(warehouseKind);
  const config = world.configFile(warehouse, {
    accounts: [
      { marketplace: 'DE', advertiser_id: ACCOUNTS[0].advertiserId, currency: 'EUR' },
      { marketplace: 'UK', advertiser_id: ACCOUNTS[1].advertiserId, currency: 'GBP' },
      { marketplace: 'UK', entity_id: ACCOUNTS[2].entityId, currency: 'GBP' },
    ],
    streams: STREAMS,
    reporting_currency: 'EUR',
  });
  const rates = join(config, '../rates.csv');
  writeFileSync(rates, `date,from,to,rate\n${RATES.from},GBP,EUR,${RATES.rate}\n`);
  const backfill = ['backfill', '--from', DATES.from, '--to', LAST_ASKED];
  for (const args of [backfill, ['rates', rates], ['views']]) {
    const ended = await run('traffic-events', [...args, '--config', config], world.environment());
    expect(ended.code, ended.stderr).toBe(0);
  }
  return { world, warehouse, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}
