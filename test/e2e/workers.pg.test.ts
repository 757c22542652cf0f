import { afterAll, beforeAll, expect, test } from 'vitest';
import { heldOf, truthOf } from './oracle.ts';
import { run } from './programs.ts';
import type { Ended } from './programs.ts';
import { World } from './world.ts';
import { isThorough } from '../reporting/thorough.ts';

const WORKERS = 4;
const IDS = Array.from(
  { length: 40 },
  (_, index) => `5901223344556${String(index).padStart(5, '0')}`,
);

let world: World;
beforeAll(async () => {
  world = await World.start({
    accounts: IDS.map((advertiserId) => ({ kind: 'dsp', marketplace: 'DE', advertiserId })),
    from: '2026-01-05',
    days: 1,
    eventsPerDay: 20,
    now: '2026-01-10T06:00:00Z',
    streams: ['dsp_impressions'],
  });
});
afterAll(() => world[Symbol.asyncDispose]());

test.runIf(isThorough)(
  'four workers of forty accounts load all of them at once, each account once',
  async () => {
    const database = await world.database();
    const config = world.configFile(database);
    const sync = (...args: string[]): Promise<Ended> =>
      run('traffic-events', ['sync', '--config', config, ...args], world.environment());
    const ended = await Promise.all(
      Array.from({ length: WORKERS }, (_, index) => sync('--shard', `${index + 1}/${WORKERS}`)),
    );
    expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0, 0]);
    for (const id of IDS) {
      const account = `DE:dsp:${id}`;
      const truth = await truthOf(world.simulator, 'dsp_impressions', account, world.dates);
      expect(await heldOf(database, 'dsp_impressions', account, world.dates)).toEqual(truth);
    }
    const executions = await database.query<{ runs: string; epoch: string }>(
      `SELECT count(DISTINCT extractions.run_id)::text AS runs, max(epoch)::text AS epoch FROM extractions
       JOIN _traffic_events_leases USING (account_id) GROUP BY account_id`,
    );
    expect(executions).toEqual(IDS.map(() => ({ runs: '1', epoch: '1' })));
  },
);

test('workers that were told of the same accounts are held apart by the leases', async () => {
  const config = world.configFile(await world.database());
  const sync = () =>
    run(
      'traffic-events',
      ['sync', '--config', config, '--accounts', `*${IDS[0]}`],
      world.environment(),
    );
  const codes = (await Promise.all([sync(), sync(), sync()])).map(({ code }) => code);
  expect(codes).toContain(0);
  expect(codes.filter((code) => code !== 0 && code !== 7)).toEqual([]);
});
