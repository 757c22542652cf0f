import { describe, expect, it } from 'vitest';

import { START_MS } from '../testing/client-fixture.ts';
import { LeapingClock } from '../testing/leaping-clock.ts';
import { ApiTime } from './api-time.ts';

const dateAt = (ms: number) => new Date(ms).toUTCString();

describe('ApiTime', () => {
  it('is the last Date header plus the time since, and our own clock before one', async () => {
    const clock = new LeapingClock(START_MS);
    const apiTime = new ApiTime(clock);
    expect(apiTime.nowMs()).toBe(START_MS);
    expect(apiTime.observe(dateAt(START_MS + 60_000), START_MS)).toBe(START_MS + 60_000);
    await clock.sleep(5_000);
    expect(apiTime.nowMs()).toBe(START_MS + 65_000);
    expect(apiTime.observe(undefined, START_MS)).toBeNull();
    expect(apiTime.nowMs()).toBe(START_MS + 65_000);
  });

  it('stops at more than five minutes of skew until an answer shows less', () => {
    const apiTime = new ApiTime(new LeapingClock(START_MS));
    apiTime.observe(dateAt(START_MS + 301_000), START_MS);
    expect(() => apiTime.nowMs()).toThrow(
      'The API says it is 2026-02-01T06:05:01.000Z, this machine 2026-02-01T06:00:00.000Z: more than five minutes apart. Expiry cannot be judged; set the machine’s clock and run again',
    );
    apiTime.observe(dateAt(START_MS - 301_000), START_MS);
    expect(apiTime.nowMs()).toBe(START_MS - 301_000);
    apiTime.observe(dateAt(START_MS - 302_000), START_MS);
    expect(() => apiTime.nowMs()).toThrow(/more than five minutes apart/);
  });

  it('allows for answers that took long', async () => {
    const clock = new LeapingClock(START_MS);
    const apiTime = new ApiTime(clock);
    await clock.sleep(3_600_000);
    apiTime.observe(dateAt(START_MS - 60_000), START_MS);
    expect(apiTime.nowMs()).toBe(START_MS - 60_000);
  });
});
