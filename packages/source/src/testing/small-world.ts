import type { Account } from '@traffic-events/client';

import { dailyStream } from '../streams/data-source-streams.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

export const dsp: Account = {
  kind: 'dsp',
  marketplace: 'DE',
  advertiserId: '584930219384756193',
};
/** Its id. */
export const DSP = 'DE:dsp:584930219384756193';

/** One account, one stream and six event dates on the morning after them, but for `options`. */
export function startSmallWorld(options: Partial<WorldOptions> = {}): Promise<World> {
  return World.start({
    now: '2026-01-07T06:00:00Z',
    accounts: [dsp],
    startDate: '2026-01-01',
    streams: [dailyStream('dsp_impressions')],
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 100 },
    ...options,
  });
}

/** How often each slice was created. */
export async function creates(here: World): Promise<number[]> {
  const windows = (await here.executions()).map(({ windowStart }) => windowStart);
  return [...Map.groupBy(windows, (start) => start).values()].map(({ length }) => length);
}
