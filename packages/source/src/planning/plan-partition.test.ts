import { addDays, datesBetween, windowOf } from '@traffic-events/slice';
import type { PartitionState, TailEntry } from '@traffic-events/slice';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  newPartition,
  withClosed,
  withCreated,
  withDelivered,
  withFailed,
} from '../state/partition.ts';
import { planPartition } from './plan-partition.ts';
import type { PartitionPlanInput } from './plan-partition.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { DAY_MS, EVENT_TIMING, HOUR_MS } from '../streams/timing.ts';

const stream: StreamDefinition = {
  name: 'dsp_clicks',
  description: '',
  accountKind: 'dsp',
  dataSources: ['dsp_clicks'],
  query: { kind: 'sql', sqlQuery: 'SELECT 1' },
  columns: [],
  mainMetrics: ['clicks'],
  timing: EVENT_TIMING,
  refresh: 'daily',
  isDefault: true,
};

const at = (text: string) => Date.parse(text);

function plan(options: Partial<PartitionPlanInput> & { now: string }) {
  const { now, ...rest } = options;
  return planPartition({
    stream,
    accountId: 'DE:dsp:1',
    timeZone: 'UTC',
    fingerprint: 'f',
    partition: undefined,
    startDate: '2026-01-01',
    nowMs: at(now),
    runStartedMs: at(now),
    ...rest,
  });
}

function delivered(
  partition: PartitionState,
  eventDate: string,
  createTime: string,
  copy: { complete?: boolean; settled?: boolean; suspect?: boolean } = {},
  status: TailEntry['status'] = 'open',
) {
  return withDelivered(partition, {
    eventDate,
    applied: true,
    status,
    copy: {
      executionId: `e-${eventDate}`,
      createTimeMs: at(createTime),
      complete: true,
      settled: false,
      suspect: false,
      rowCount: 10,
      mainSum: '10',
      ...copy,
    },
  });
}

const dates = (candidates: readonly { eventDate: string }[]) =>
  candidates.map(({ eventDate }) => eventDate);

describe('what a first run asks for', () => {
  it('takes every date from start_date to yesterday', () => {
    const { candidates, partition, beforeStart } = plan({ now: '2026-01-05T06:00:00Z' });
    expect(dates(candidates)).toEqual(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04']);
    expect(partition).toEqual(newPartition('f', '2026-01-01'));
    expect(beforeStart).toBeNull();
  });

  it('leaves dates that had begun to expire to one before_start range, and calls none missed', () => {
    const planned = plan({ now: '2026-03-01T06:00:00Z' });
    expect(planned.beforeStart).toEqual({ from: '2026-01-01', to: '2026-01-30' });
    expect(planned.closings).toEqual([]);
    expect(planned.candidates[0]).toMatchObject({ eventDate: '2026-01-31', urgent: true });
    expect(planned.candidates).toHaveLength(29);
  });

  it('asks for nothing while start_date is not over', () => {
    const { candidates, partition } = plan({ now: '2026-01-01T23:59:59Z' });
    expect(candidates).toEqual([]);
    expect(partition.since).toBe('2026-01-01');
  });

  it('goes by the days of the account', () => {
    const now = '2026-01-02T22:30:00Z';
    expect(dates(plan({ now }).candidates)).toEqual(['2026-01-01']);
    const inBerlin = plan({ now: '2026-01-02T23:30:00Z', timeZone: 'Europe/Berlin' }).candidates;
    expect(dates(inBerlin)).toEqual(['2026-01-01', '2026-01-02']);
    expect(inBerlin[0]?.window.startMs).toBe(at('2025-12-31T23:00:00Z'));
  });
});

describe('when an open slice is asked for again', () => {
  const first = newPartition('f', '2026-01-01');
  const held = delivered(first, '2026-01-01', '2026-01-02T06:00:00Z');

  it('is not before 20 hours have passed', () => {
    expect(plan({ now: '2026-01-03T01:59:59Z', partition: held }).candidates).toMatchObject([
      { eventDate: '2026-01-02' },
    ]);
    expect(dates(plan({ now: '2026-01-03T02:00:00Z', partition: held }).candidates)).toEqual([
      '2026-01-01',
      '2026-01-02',
    ]);
  });

  it('is at once when the execution would settle it', () => {
    const fresh = delivered(first, '2026-01-01', '2026-01-04T23:00:00Z');
    expect(dates(plan({ now: '2026-01-04T23:59:59Z', partition: fresh }).candidates)).not.toContain(
      '2026-01-01',
    );
    expect(plan({ now: '2026-01-05T00:00:00Z', partition: fresh }).candidates[0]).toMatchObject({
      eventDate: '2026-01-01',
      wouldSettle: true,
    });
  });

  it('is at once when less than 48 hours remain, but once a run', () => {
    const slow = { ...stream, timing: { ...EVENT_TIMING, arrivalMs: 40 * DAY_MS } };
    const now = '2026-01-29T00:00:01Z';
    const fresh = delivered(first, '2026-01-01', '2026-01-28T23:00:00Z');
    const options = { now, partition: fresh, stream: slow };
    expect(dates(plan(options).candidates)).toContain('2026-01-01');
    const inThisRun = { ...options, runStartedMs: at('2026-01-28T22:00:00Z') };
    expect(dates(plan(inThisRun).candidates)).not.toContain('2026-01-01');
  });

  it('is once, to settle, with refresh settled_only', () => {
    const settledOnly = { ...stream, refresh: 'settled_only' as const };
    const now = '2026-01-06T06:00:00Z';
    expect(dates(plan({ now, stream: settledOnly }).candidates)).toEqual([
      '2026-01-01',
      '2026-01-02',
    ]);
  });

  it('is after 20 hours when its settled copy was suspect', () => {
    const suspect = delivered(first, '2026-01-01', '2026-01-06T06:00:00Z', {
      settled: true,
      suspect: true,
    });
    expect(
      dates(plan({ now: '2026-01-06T07:00:00Z', partition: suspect }).candidates),
    ).not.toContain('2026-01-01');
    expect(dates(plan({ now: '2026-01-07T02:00:00Z', partition: suspect }).candidates)).toContain(
      '2026-01-01',
    );
  });

  it('is on the days of its re-reads where the stream has such', () => {
    const rereadsMs = [5, 12, 20, 28].map((days) => days * DAY_MS);
    const ivt = { ...stream, timing: { ...EVENT_TIMING, rereadsMs } };
    const asked = (createTime: string, now: string) =>
      dates(
        plan({
          now,
          stream: ivt,
          partition: delivered(first, '2026-01-01', createTime),
        }).candidates,
      ).includes('2026-01-01');
    expect(asked('2026-01-02T06:00:00Z', '2026-01-06T23:59:59Z')).toBe(false);
    expect(asked('2026-01-02T06:00:00Z', '2026-01-07T00:00:00Z')).toBe(true);
    expect(asked('2026-01-07T00:00:00Z', '2026-01-13T23:00:00Z')).toBe(false);
    expect(asked('2026-01-13T00:00:00Z', '2026-01-14T00:00:00Z')).toBe(true);
    expect(asked('2026-01-22T00:00:00Z', '2026-01-30T00:00:00Z')).toBe(true);
  });

  it('is never while an execution of it is in flight', () => {
    const running = withCreated(first, {
      event_date: '2026-01-01',
      workflow_id: 'w',
      execution_id: 'e',
      create_time: '2026-01-02T06:00:00.000Z',
      expire_time: null,
    });
    const planned = plan({ now: '2026-03-10T00:00:00Z', partition: running });
    expect(dates(planned.candidates)).not.toContain('2026-01-01');
    expect(dates(planned.closings)).not.toContain('2026-01-01');
  });

  it('is not before its next try', () => {
    const failed = withFailed(first, {
      eventDate: '2026-01-01',
      executionId: null,
      createTime: null,
      nextTryMs: at('2026-01-02T06:05:00Z'),
    });
    const planned = plan({ now: '2026-01-02T06:00:00Z', partition: failed });
    expect(planned.candidates).toEqual([]);
    expect(planned.nextTryMs).toBe(at('2026-01-02T06:05:00Z'));
    expect(plan({ now: '2026-01-02T06:05:00Z', partition: failed }).candidates).toMatchObject([
      { eventDate: '2026-01-01', attempts: 1 },
    ]);
  });
});

describe('how a slice closes that has begun to expire', () => {
  const first = newPartition('f', '2026-01-01');
  const now = '2026-01-31T00:00:01Z';
  const closing = (partition: PartitionState, instant = now) =>
    plan({ now: instant, partition }).closings.find(({ eventDate }) => eventDate === '2026-01-01');

  it('is frozen on a complete copy that had not settled', () => {
    const held = delivered(first, '2026-01-01', '2026-01-03T06:00:00Z');
    expect(closing(held)).toMatchObject({
      status: 'frozen',
      reason: 'it expired before a copy was made in which all events had arrived',
    });
  });

  it('is frozen on a suspect copy, and says so', () => {
    const held = delivered(first, '2026-01-01', '2026-01-08T06:00:00Z', {
      settled: true,
      suspect: true,
    });
    expect(closing(held)).toMatchObject({
      status: 'frozen',
      reason: 'it expired, and the copy held or the latest result was suspect',
    });
  });

  it('is partial on an incomplete copy', () => {
    const held = delivered(first, '2026-01-01', '2026-01-31T00:00:00Z', { complete: false });
    expect(closing(held)).toMatchObject({ status: 'partial' });
  });

  it('is missed once nothing is left; until then a part is asked for, after all that is whole', () => {
    const { candidates } = plan({ now, partition: first });
    expect(candidates[0]).toMatchObject({ eventDate: '2026-01-01', expired: true });
    expect(closing(first, '2026-02-03T23:59:59Z')).toBeUndefined();
    expect(closing(first, '2026-02-04T00:00:00Z')).toMatchObject({ status: 'missed' });
  });

  it('does not close at the last instant at which it can be had whole', () => {
    const held = delivered(first, '2026-01-01', '2026-01-03T06:00:00Z');
    expect(closing(held, '2026-01-31T00:00:00Z')).toBeUndefined();
  });

  it('lets the bookmark pass closed slices of every kind', () => {
    const closings = { '04': 'missed', '03': 'frozen', '02': 'partial', '01': 'settled' } as const;
    let partition = first;
    for (const [day, status] of Object.entries(closings)) {
      expect(partition.bookmark).toBeNull();
      partition = withClosed(partition, `2026-01-${day}`, status);
    }
    expect(partition.bookmark).toBe('2026-01-04');
    expect(partition.tail).toEqual({});
  });
});

describe('what is at risk', () => {
  it('is an open slice without a complete copy of which less than 48 hours remain', () => {
    const first = newPartition('f', '2026-01-01');
    const now = '2026-01-29T12:00:00Z';
    expect(plan({ now, partition: first }).atRisk).toEqual(['2026-01-01']);
    const held = delivered(first, '2026-01-01', '2026-01-03T06:00:00Z');
    expect(plan({ now, partition: held }).atRisk).toEqual([]);
  });
});

describe('a start_date that has moved', () => {
  const closedTo5 = { ...newPartition('f', '2026-01-03'), bookmark: '2026-01-05' };

  it('earlier adds the dates before, and does not ask again for what is closed', () => {
    const planned = plan({ now: '2026-01-07T06:00:00Z', partition: closedTo5 });
    expect(planned.partition.since).toBe('2026-01-01');
    expect(dates(planned.candidates)).toEqual(['2026-01-01', '2026-01-02', '2026-01-06']);
  });

  it('earlier than what can be had adds only what can be had', () => {
    const late = { ...newPartition('f', '2026-02-10'), bookmark: '2026-02-20' };
    const planned = plan({ now: '2026-03-01T06:00:00Z', partition: late });
    expect(planned.partition.since).toBe('2026-01-31');
    expect(planned.beforeStart).toEqual({ from: '2026-01-01', to: '2026-01-30' });
  });

  it('later leaves out the open dates before it, and does not call them missed', () => {
    const planned = plan({
      now: '2026-01-10T06:00:00Z',
      startDate: '2026-01-08',
      partition: closedTo5,
    });
    expect(planned.partition).toMatchObject({ since: '2026-01-08', bookmark: null });
    expect(dates(planned.candidates)).toEqual(['2026-01-08', '2026-01-09']);
  });

  it('later leaves open what was asked for before it, until it closes', () => {
    const touched = delivered(closedTo5, '2026-01-07', '2026-01-08T06:00:00Z');
    const moved = { partition: touched, startDate: '2026-01-09' };
    const planned = plan({ now: '2026-01-10T06:00:00Z', ...moved });
    expect(planned.partition.since).toBe('2026-01-09');
    expect(dates(planned.candidates)).toEqual(['2026-01-07', '2026-01-09']);
    const { partition } = planned;
    const later = plan({ now: '2026-03-20T06:00:00Z', startDate: '2026-03-10', partition });
    expect(later.closings).toMatchObject([{ eventDate: '2026-01-07', status: 'frozen' }]);
    expect(later.partition.since).toBe('2026-03-10');
  });

  it('earlier again asks for nothing that is closed', () => {
    const later = plan({
      now: '2026-01-10T06:00:00Z',
      startDate: '2026-01-09',
      partition: closedTo5,
    });
    const { partition } = later;
    const back = plan({ now: '2026-01-10T06:00:00Z', startDate: '2026-01-03', partition });
    expect(dates(back.candidates)).toEqual([
      '2026-01-06',
      '2026-01-07',
      '2026-01-08',
      '2026-01-09',
    ]);
  });

  it('later, but among closed dates, changes nothing', () => {
    const planned = plan({
      now: '2026-01-07T06:00:00Z',
      startDate: '2026-01-04',
      partition: closedTo5,
    });
    expect(planned.partition).toEqual(closedTo5);
  });
});

const gapHours = fc.integer({ min: 1, max: 24 * 12 });
const fate = fc.constantFrom('delivered', 'suspect', 'failed', 'lost');

/** Replays runs at growing instants; each candidate meets a fate. */
function replay(steps: readonly (readonly [number, readonly string[]])[]) {
  let partition: PartitionState | undefined;
  let nowMs = at('2026-01-02T06:00:00Z');
  const closed = new Map<string, string>();
  for (const [hours, fates] of steps) {
    nowMs += hours * HOUR_MS;
    const planned = plan({ now: new Date(nowMs).toISOString(), partition });
    partition = planned.partition;
    for (const { eventDate, status } of planned.closings) {
      expect(closed.has(eventDate)).toBe(false);
      closed.set(eventDate, status);
      partition = withClosed(partition, eventDate, status);
    }
    for (const [index, { eventDate, timing }] of planned.candidates.entries()) {
      expect(closed.has(eventDate)).toBe(false);
      const what = fates[index % fates.length];
      if (what === 'failed') {
        partition = withFailed(partition, {
          eventDate,
          executionId: null,
          createTime: null,
          nextTryMs: nowMs,
        });
      } else if (what !== 'lost') {
        const suspect = what === 'suspect';
        const complete = nowMs <= timing.expiresMs;
        const settled = nowMs >= timing.settlesMs;
        const status = !complete ? 'partial' : settled && !suspect ? 'settled' : 'open';
        partition = delivered(
          partition,
          eventDate,
          new Date(nowMs).toISOString(),
          { complete, settled, suspect },
          status,
        );
        if (status !== 'open') closed.set(eventDate, status);
      }
    }
  }
  return { partition, closed, nowMs };
}

describe('any history of runs', () => {
  it('closes every date exactly once, in the end, and the bookmark reaches the last of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(gapHours, fc.array(fate, { minLength: 1, maxLength: 5 })), {
          minLength: 1,
          maxLength: 20,
        }),
        (steps) => {
          const days40 = [24 * 40, ['delivered']] as const;
          const { partition, closed, nowMs } = replay([...steps, days40]);
          const gone = new Date(nowMs - 40 * DAY_MS).toISOString().slice(0, 10);
          for (const date of datesBetween('2026-01-01', gone)) {
            if (windowOf(date).endMs + 33 * DAY_MS <= nowMs) expect(closed.has(date)).toBe(true);
          }
          expect(
            partition?.bookmark !== null && (partition?.bookmark ?? '') >= addDays(gone, -1),
          ).toBe(true);
          for (const date of Object.keys(partition?.tail ?? {})) {
            expect(date > (partition?.bookmark ?? '')).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
