import { describe, expect, it } from 'vitest';

import { clockFromEnvironment, systemClock } from './clock.ts';

describe('clockFromEnvironment', () => {
  it('is the system clock without settings', () => {
    expect(clockFromEnvironment({})).toBe(systemClock);
  });

  it('starts at TRAFFIC_EVENTS_NOW and runs TRAFFIC_EVENTS_TIME_SCALE times as fast', async () => {
    const clock = clockFromEnvironment({
      TRAFFIC_EVENTS_NOW: '2026-01-10T06:00:00Z',
      TRAFFIC_EVENTS_TIME_SCALE: '360000',
    });
    const startMs = Date.parse('2026-01-10T06:00:00Z');
    expect(clock.now()).toBeGreaterThanOrEqual(startMs);
    await clock.sleep(3_600_000);
    expect(clock.now()).toBeGreaterThanOrEqual(startMs + 3_500_000);
  });

  it('makes processes agree when the wall instant is given', () => {
    const wallMs = Date.now() - 5_000;
    const clock = clockFromEnvironment({
      TRAFFIC_EVENTS_NOW: `2026-01-10T06:00:00Z@${new Date(wallMs).toISOString()}`,
      TRAFFIC_EVENTS_TIME_SCALE: '10',
    });
    const expectedMs = Date.parse('2026-01-10T06:00:00Z') + (Date.now() - wallMs) * 10;
    expect(Math.abs(clock.now() - expectedMs)).toBeLessThan(1_000);
  });

  it('names the variable that it cannot read', () => {
    expect(() => clockFromEnvironment({ TRAFFIC_EVENTS_NOW: 'soon' })).toThrow(
      'TRAFFIC_EVENTS_NOW has "soon", which is no ISO 8601 instant; write 2026-01-10T06:00:00Z',
    );
    expect(() => clockFromEnvironment({ TRAFFIC_EVENTS_TIME_SCALE: '-1' })).toThrow(
      'TRAFFIC_EVENTS_TIME_SCALE is "-1"; write a number above 0, such as 3600',
    );
  });

  it('ends a sleep with the reason of the abort', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('stop');
  });
});
