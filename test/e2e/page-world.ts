import { run } from './programs.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { ServiceProcess } from './service-process.ts';
import { World } from './world.ts';

export const DSP = 'DE:dsp:590122334455667788';
export const ENTITY = 'UK:entity:ENTITY1A2B3C4D5E';

/** Two accounts of a week, synced on the morning after, with their views: what a page is made of. */
export async function startPageWorld(): Promise<{ world: World; database: PostgresUnderTest }> {
  const world = await World.start({
    accounts: [
      { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
      { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C4D5E' },
    ],
    from: '2026-01-05',
    days: 7,
    eventsPerDay: 3000,
    streams: ['dsp_impressions', 'dsp_clicks', 'sponsored_ads_traffic'],
    now: '2026-01-12T06:00:00Z',
  });
  const database = await world.database();
  await world.sync(database);
  await run(
    'traffic-events',
    ['views', '--config', world.configFile(database)],
    world.environment(),
  );
  return { world, database };
}

/** `traffic-events serve` on a port of its own. */
export async function servePages(
  world: World,
  database: { readonly url: string },
  ...args: readonly string[]
): Promise<{ process: ServiceProcess; url: string }> {
  const config = world.configFile(database);
  const all = ['serve', '--config', config, '--listen', '127.0.0.1:0', ...args];
  const process = new ServiceProcess(all, world.environment());
  const { url } = await process.line('page.served');
  return { process, url: String(url) };
}
