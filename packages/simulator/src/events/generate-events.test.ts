import { expect, test } from 'vitest';
import { generateEvents, MAX_ARRIVAL_MS } from './generate-events.ts';

const OPTIONS = {
  account: 'DE:dsp:1234',
  seed: 1,
  fromDate: '2026-01-01',
  days: 28,
  eventsPerDay: 500,
};

const DAY_MS = 86_400_000;
const all = (options = OPTIONS) => [...generateEvents(options).batches()].flat();

test('the same seed gives the same events; another seed or account gives others', () => {
  expect(all()).toEqual(all());
  expect(all({ ...OPTIONS, seed: 2 })).not.toEqual(all());
  expect(all({ ...OPTIONS, account: 'FR:dsp:1234' })).not.toEqual(all());
});

test('every event lies on a day of the range and arrives within 72 hours, some late', () => {
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  const delays = all().map((event) => event.arrivedMs - event.eventMs);
  expect(all().every(({ eventMs }) => eventMs >= startMs && eventMs < startMs + 28 * DAY_MS)).toBe(
    true,
  );
  expect(Math.max(...delays)).toBeLessThanOrEqual(MAX_ARRIVAL_MS);
  expect(delays.filter((delay) => delay > DAY_MS).length / delays.length).toBeGreaterThan(0.02);
});

test('campaigns come and go, weekends are busier, and a few users have most of the events', () => {
  const events = all();
  const days = new Map<number, Set<number>>();
  for (const { placement, eventMs } of events) {
    const day = Math.floor(eventMs / DAY_MS);
    days.set(day, (days.get(day) ?? new Set()).add(placement));
  }
  const placements = [...days.values()];
  const last = placements.at(-1)!;
  const always = [...placements[0]!].filter((placement) => last.has(placement)).length;
  expect(always).toBeLessThan(new Set(events.map((event) => event.placement)).size);
  const onWeekday = (wanted: number) =>
    events.filter(({ eventMs }) => new Date(eventMs).getUTCDay() === wanted).length;
  expect(onWeekday(0)).toBeGreaterThan(onWeekday(2));
  const perUser = Map.groupBy(events, (event) => event.user);
  const counts = [...perUser.values()].map((each) => each.length).sort((a, b) => b - a);
  const topTenth = counts.slice(0, counts.length / 10).reduce((sum, count) => sum + count, 0);
  expect(topTenth / events.length).toBeGreaterThan(0.2);
  expect(counts.filter((count) => count === 1).length / counts.length).toBeGreaterThan(0.2);
});

test('ids have 18 digits and are stable', () => {
  const { placements } = generateEvents(OPTIONS);
  expect(placements.every(({ campaignId }) => /^\d{18}$/.test(campaignId))).toBe(true);
  expect(new Set(placements.map(({ creativeId }) => creativeId)).size).toBe(placements.length);
});
