import { windowOf } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { chooseNext } from './choose.ts';
import type { Lane } from './choose.ts';
import type { Candidate } from './plan-partition.ts';
import { EVENT_TIMING, sliceTiming } from '../streams/timing.ts';

function candidate(eventDate: string, facts: Partial<Candidate> = {}): Candidate {
  const window = windowOf(eventDate);
  return {
    stream: {} as Candidate['stream'],
    accountId: 'DE:dsp:1',
    eventDate,
    window,
    timing: sliceTiming(EVENT_TIMING, window),
    attempts: 0,
    isHeld: false,
    wouldSettle: false,
    urgent: false,
    expired: false,
    alone: false,
    atRisk: false,
    pressing: false,
    ...facts,
  };
}

const days = ['2026-01-03', '2026-01-01', '2026-01-05'].map((date) => candidate(date));
const chosen = (
  candidates: readonly Candidate[],
  running: readonly Lane[],
  size: number,
  quotaLeft = Infinity,
) => {
  const choice = chooseNext(candidates, { running, size, quotaLeft });
  return choice && [choice.candidate.eventDate, choice.lane];
};

describe('the slice for a free slot', () => {
  it('is what expires first', () => {
    expect(chosen(days, [], 5)).toEqual(['2026-01-01', 'expiring']);
    expect(chosen(days, ['expiring', 'newest'], 5)).toEqual(['2026-01-01', 'expiring']);
  });

  it('is the newest in one slot of several', () => {
    expect(chosen(days, ['expiring'], 5)).toEqual(['2026-01-05', 'newest']);
    expect(chosen(days, ['expiring'], 1)).toEqual(['2026-01-01', 'expiring']);
  });

  it('is a first attempt before a retry, unless less than 48 hours remain of it', () => {
    const retry = candidate('2026-01-01', { attempts: 1 });
    expect(chosen([retry, candidate('2026-01-02')], [], 5)?.[0]).toBe('2026-01-02');
    const urgent = candidate('2026-01-01', { attempts: 1, urgent: true });
    expect(chosen([urgent, candidate('2026-01-02')], [], 5)?.[0]).toBe('2026-01-01');
  });

  it('is what has begun to expire only when nothing else is left', () => {
    const expired = candidate('2026-01-01', { expired: true, urgent: true });
    const retry = candidate('2026-01-09', { attempts: 3 });
    expect(chosen([expired, retry], [], 5)?.[0]).toBe('2026-01-09');
    expect(chosen([expired], [], 5)?.[0]).toBe('2026-01-01');
  });

  it('is none when there is nothing', () => {
    expect(chosen([], [], 5)).toBeUndefined();
  });
});

describe('executions of the day that do not suffice for all', () => {
  const inOrderOfValue = [
    candidate('2026-01-02', { urgent: true, wouldSettle: true, isHeld: true }),
    candidate('2026-01-05', { wouldSettle: true }),
    candidate('2026-01-06', { wouldSettle: true, isHeld: true }),
    candidate('2026-01-09'),
    candidate('2026-01-08'),
    candidate('2026-01-07', { isHeld: true }),
    candidate('2026-01-01', { attempts: 1, wouldSettle: true }),
  ];
  const orderOf = (quotaLeft: number) => {
    const order: string[] = [];
    let left = inOrderOfValue.toReversed();
    while (left.length > 0) {
      const date = chosen(left, ['expiring'], 5, quotaLeft)?.[0] ?? '';
      order.push(date);
      left = left.filter(({ eventDate }) => eventDate !== date);
    }
    return order;
  };

  it('go to what expires, what settles, the newest dates and then refreshes', () => {
    expect(orderOf(0)).toEqual(inOrderOfValue.map(({ eventDate }) => eventDate));
  });

  it('are as any other while they suffice', () => {
    expect(chosen(inOrderOfValue, ['expiring'], 5, 7)).toEqual(['2026-01-09', 'newest']);
    expect(chosen(inOrderOfValue, ['expiring'], 5, 6)).toEqual(['2026-01-02', 'expiring']);
  });
});
