import { addDays, windowOf } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { EVENT_TIMING, HOUR_MS, sliceTiming } from '../streams/timing.ts';
import { accountOutlook, outlookFields } from './account-outlook.ts';
import { lookAhead } from './look-ahead.ts';
import type { Candidate } from './plan-partition.ts';

const NOW = '2026-02-01T06:00:00Z';
const nowMs = Date.parse(NOW);
/** The last date of which all can still be had, for 18 hours. */
const FIRST = '2026-01-03';

function candidate(stream: string, eventDate: string, facts: Partial<Candidate> = {}): Candidate {
  const window = windowOf(eventDate);
  const timing = sliceTiming(EVENT_TIMING, window);
  const remainingMs = timing.expiresMs - nowMs;
  return {
    stream: { name: stream } as Candidate['stream'],
    accountId: 'DE:dsp:1',
    eventDate,
    window,
    timing,
    attempts: 0,
    wouldSettle: nowMs >= timing.settlesMs,
    urgent: remainingMs < 48 * HOUR_MS,
    expired: remainingMs <= 0,
    isHeld: false,
    alone: false,
    atRisk: false,
    pressing: false,
    ...facts,
  };
}

/** A first run: so many streams over the 29 dates that are over. */
const firstRun = (streams: number, facts: Partial<Candidate> = {}) =>
  Array.from({ length: streams }, (_, stream) =>
    Array.from({ length: 29 }, (_day, day) => candidate(`s${stream}`, addDays(FIRST, day), facts)),
  ).flat();

const work = (candidates: readonly Candidate[], others: object = {}) => ({
  candidates,
  inFlight: 0,
  slots: 5,
  maxExecutionsPerDay: Infinity,
  executionMs: HOUR_MS / 4,
  nowMs,
  newStreams: [],
  ...others,
});

describe('looking ahead', () => {
  it('counts executions, slots and those that run already', () => {
    expect(lookAhead(work(firstRun(5))).durationMs).toBe(7.25 * HOUR_MS);
    expect(lookAhead(work(firstRun(5), { inFlight: 5 })).durationMs).toBe(7.5 * HOUR_MS);
    expect(lookAhead(work(firstRun(1), { slots: 1 })).durationMs).toBe(7.25 * HOUR_MS);
    expect(lookAhead(work([])).durationMs).toBe(0);
  });

  it('names what begins to expire meanwhile, and serves it first', () => {
    const { durationMs, expiring } = lookAhead(work(firstRun(20)));
    expect(durationMs).toBe(29 * HOUR_MS);
    expect(expiring).toHaveLength(20);
    expect(expiring.every(({ eventDate, isLost }) => eventDate === FIRST && !isLost)).toBe(true);
    expect(lookAhead(work(firstRun(20, { isHeld: true }))).expiring).toEqual([]);
  });

  it('names what expires before its turn', () => {
    const { expiring } = lookAhead(work(firstRun(20), { executionMs: 6 * HOUR_MS }));
    const lost = expiring.filter(({ isLost }) => isLost);
    // Until the end of the day each slot ends three; one of them serves the newest dates.
    expect(lost.filter(({ eventDate }) => eventDate === FIRST)).toHaveLength(20 - 4 * 3);
  });

  it('waits for the next day where those of this one are spent', () => {
    const { durationMs } = lookAhead(work(firstRun(1), { maxExecutionsPerDay: 10 }));
    expect(durationMs).toBe(18 * HOUR_MS + 24 * HOUR_MS + 0.5 * HOUR_MS);
  });

  it('ends where no execution may ever be created', () => {
    const none = lookAhead(work(firstRun(1), { maxExecutionsPerDay: 0 }));
    expect(none).toEqual({ durationMs: 0, expiring: [] });
  });
});

describe('the outlook of an account', () => {
  it('goes by how long executions took of late, and by 15 minutes', () => {
    const outlook = accountOutlook('DE:dsp:1', work(firstRun(5)), [HOUR_MS, HOUR_MS, 9 * HOUR_MS]);
    expect(outlook).toMatchObject({
      executions: 145,
      dates: { s0: 29, s1: 29, s2: 29, s3: 29, s4: 29 },
      usualMs: 7.25 * HOUR_MS,
      learnedExecutionMs: HOUR_MS,
      learnedMs: 29 * HOUR_MS,
      help: [],
    });
    expect(accountOutlook('DE:dsp:1', work([]), []).learnedMs).toBeNull();
  });

  it('counts what one query asks for once', () => {
    const candidates = firstRun(6);
    const together = ({ eventDate, stream }: Candidate) => {
      const isFirst = stream.name < 's4';
      return candidates.filter(
        (each) => each.eventDate === eventDate && isFirst === each.stream.name < 's4',
      );
    };
    const outlook = accountOutlook('DE:dsp:1', work(candidates, { together }), []);
    expect(outlook).toMatchObject({ executions: 58, usualMs: 3 * HOUR_MS, help: [] });
    expect(Object.values(outlook.dates)).toEqual([29, 29, 29, 29, 29, 29]);
    expect(outlookFields(outlook)).toMatchObject({ executions: 58, slices: 6 * 29 });
  });

  it('says which setting would save what is lost', () => {
    const spare = work(firstRun(3), { slots: 1, maxExecutionsPerDay: 2 });
    const { expiring, help } = accountOutlook('DE:dsp:1', spare, []);
    const lost = expiring.filter(({ isLost }) => isLost).length;
    expect(lost).toBeGreaterThan(0);
    expect(help[0]).toEqual({ change: 'max_executions_per_day', lost: 0 });
    const slow = accountOutlook('DE:dsp:1', work(firstRun(5), { slots: 1 }), [5 * HOUR_MS]);
    const slots = slow.help.find(({ change }) => change === 'max_active_executions');
    expect(slots?.lost).toBeLessThan(slow.expiring.filter(({ isLost }) => isLost).length);
  });
});
