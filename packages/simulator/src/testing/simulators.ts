import { afterEach } from 'vitest';
import { SimulatedClock, startSimulator } from '../index.ts';
import type { Simulator, SimulatorOptions } from '../index.ts';

export const DSP = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
export const ENTITY = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;

/** Total impressions of the window; the most recent day without one. */
export const TOTALS = 'SELECT SUM(impressions) AS impressions FROM dsp_impressions';

const started: Simulator[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
});

/** A simulator over a month of few events, whose clock stands still; closed after the test. */
export async function startTestSimulator(
  options: Partial<SimulatorOptions> & { now?: string; scale?: number } = {},
): Promise<Simulator> {
  const { now = '2026-02-01T06:00:00Z', scale = 0, ...settings } = options;
  const simulator = await startSimulator({
    clock: new SimulatedClock({ originMs: Date.parse(now), scale }),
    accounts: [DSP, ENTITY],
    events: { kind: 'generated', fromDate: '2026-01-25', days: 7, eventsPerDay: 200 },
    ...settings,
  });
  started.push(simulator);
  return simulator;
}

export const explicitWindow = (start: string, end: string) => ({
  type: 'EXPLICIT',
  start: `${start}T00:00:00`,
  end: `${end}T00:00:00`,
  timezone: 'UTC',
});
