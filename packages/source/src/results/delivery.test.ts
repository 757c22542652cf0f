import { windowOf } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { decideDelivery } from './delivery.ts';
import type { FinishedExecution } from './delivery.ts';
import { newPartition, withCreated } from '../state/partition.ts';
import { EVENT_TIMING, sliceTiming } from '../streams/timing.ts';

const date = '2026-01-01';
const timing = sliceTiming(EVENT_TIMING, windowOf(date));
const at = (text: string) => Date.parse(text);

function finished(facts: Partial<FinishedExecution> & { created: string; seen?: string }) {
  const { created, seen = created, ...rest } = facts;
  return {
    executionId: `e-${created}`,
    createTimeMs: at(created),
    seenFinishedMs: at(seen),
    evidence: { isKnown: true, doubts: [] },
    rowCount: 10,
    mainSum: '100',
    ...rest,
  };
}

const first = newPartition('f', date);
const unsettled = decideDelivery(
  first,
  date,
  timing,
  finished({ created: '2026-01-02T06:00:00Z' }),
);
const settled = finished({ created: '2026-01-05T00:00:00Z' });

describe('a delivered result', () => {
  it('leaves the slice open while more can arrive', () => {
    expect(unsettled).toMatchObject({ status: 'open', ledgerStatus: 'open', reason: null });
    expect(unsettled.partition.tail[date]).toMatchObject({
      status: 'open',
      row_count: 10,
      main_sum: '100',
      complete: true,
      settled: false,
      last_create_time: '2026-01-02T06:00:00.000Z',
    });
  });

  it('settles the slice from window end + 72 hours on, and the bookmark passes it', () => {
    const decision = decideDelivery(unsettled.partition, date, timing, settled);
    expect(decision).toMatchObject({ status: 'settled', ledgerStatus: 'settled' });
    expect(decision.partition).toMatchObject({ bookmark: date, tail: {} });
  });

  it('is partial when it was seen finished after the first event had expired', () => {
    const late = finished({ created: '2026-01-30T23:50:00Z', seen: '2026-01-31T00:00:01Z' });
    expect(decideDelivery(first, date, timing, late)).toMatchObject({
      status: 'partial',
      ledgerStatus: 'partial',
      reason: 'part of it had expired before it was seen finished',
    });
    const inTime = finished({ created: '2026-01-30T23:50:00Z', seen: '2026-01-31T00:00:00Z' });
    expect(decideDelivery(first, date, timing, inTime)).toMatchObject({ status: 'settled' });
  });

  it('does not replace a better copy, and the slice stays open on it', () => {
    const halved = { ...settled, mainSum: '49' };
    const decision = decideDelivery(unsettled.partition, date, timing, halved);
    expect(decision).toMatchObject({
      status: 'open',
      ledgerStatus: 'kept_better',
      copy: { suspect: true },
      reason:
        'its main sum 49 is below half of 100; the copy of execution e-2026-01-02T06:00:00Z is kept',
    });
    expect(decision.partition.tail[date]).toMatchObject({
      execution_id: 'e-2026-01-02T06:00:00Z',
      main_sum: '100',
      last_create_time: '2026-01-05T00:00:00.000Z',
    });
  });

  it('leaves the slice open when something speaks against it', () => {
    const evidence = { isKnown: true, doubts: ['it has gaps', 'its list had no end'] };
    const decision = decideDelivery(first, date, timing, { ...settled, evidence });
    expect(decision).toMatchObject({
      status: 'open',
      copy: { suspect: true, complete: true },
      reason: 'it has gaps; its list had no end; it is asked for again',
    });
    expect(decision.partition.tail[date]?.doubt).toBe('it has gaps; its list had no end');
    const later = finished({ created: '2026-01-06T00:00:00Z' });
    const trusted = decideDelivery(decision.partition, date, timing, later);
    expect(trusted).toMatchObject({ status: 'settled', reason: null });
  });

  it('leaves the slice open where it is not known, whatever was held', () => {
    const evidence = { isKnown: false, doubts: ['no file was listed'] };
    const unknown = { ...settled, rowCount: 0, mainSum: '0', evidence };
    expect(decideDelivery(first, date, timing, unknown)).toMatchObject({
      status: 'open',
      ledgerStatus: 'open',
      copy: { complete: false, suspect: true },
      reason: 'no file was listed; it is asked for again',
    });
    expect(decideDelivery(unsettled.partition, date, timing, unknown)).toMatchObject({
      status: 'open',
      ledgerStatus: 'kept_better',
      reason: 'no file was listed; the copy of execution e-2026-01-02T06:00:00Z is kept',
    });
  });

  it('is partial where it is not known and a part had expired as well', () => {
    const evidence = { isKnown: false, doubts: ['no file was listed'] };
    const late = finished({ created: '2026-01-31T00:00:01Z', evidence });
    expect(decideDelivery(first, date, timing, late)).toMatchObject({
      status: 'partial',
      reason: 'no file was listed; part of it had expired before it was seen finished',
    });
  });

  it('ends the failures in a row and the flight', () => {
    const flying = withCreated(first, {
      event_date: date,
      workflow_id: 'w',
      execution_id: settled.executionId,
      create_time: '2026-01-05T00:00:00.000Z',
      expire_time: null,
    });
    const tail = { [date]: { ...unsettled.partition.tail[date]!, attempts: 3, next_try: 'x' } };
    const decision = decideDelivery({ ...flying, tail }, date, timing, {
      ...settled,
      evidence: { isKnown: true, doubts: ['it has gaps'] },
      mainSum: '200',
    });
    expect(decision.partition.in_flight).toEqual([]);
    expect(decision.partition.tail[date]).toMatchObject({ attempts: 0, next_try: null });
  });
});
