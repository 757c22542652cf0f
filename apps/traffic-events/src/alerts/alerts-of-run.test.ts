import { NOTHING_DONE } from '@traffic-events/source/testing';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { describe, expect, test } from 'vitest';
import { alertsOf } from './alerts-of-run.ts';
import type { RunFacts } from './alerts-of-run.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-01-31T06:00:00Z');
const ACCOUNT = 'DE:dsp:1';
const slice = { stream: 'dsp_clicks', accountId: ACCOUNT, eventDate: '2026-01-01' };
const facts: RunFacts = {
  summary: NOTHING_DONE,
  failure: undefined,
  accounts: [ACCOUNT],
  statuses: undefined,
  consent: null,
  nowMs: NOW,
  sinceMs: NOW,
};
const told = (change: Partial<RunFacts>) => alertsOf({ ...facts, ...change });
const savedAgo = (hours: number) =>
  ({ accountId: ACCOUNT, savedAt: new Date(NOW - hours * HOUR_MS) }) as PartitionStatus;

describe('there is nothing to tell', () => {
  test.each<[string, Partial<RunFacts>]>([
    ['of a run that did what there was to do', {}],
    [
      'of a slice that failed once',
      {
        summary: {
          ...NOTHING_DONE,
          failed: [{ ...slice, reason: 'x', isRefused: false, attempts: 1 }],
        },
      },
    ],
    ['of a failure of today', { failure: 'no warehouse', statuses: [savedAgo(20)] }],
    ['of an account that was come to a while ago', { failure: 'x', sinceMs: NOW - 23 * HOUR_MS }],
    [
      'of a consent that goes on',
      { consent: { ends: '2026-06-01', days_left: 121, is_due: false } },
    ],
    [
      'of a consent between two reminders',
      { consent: { ends: '2026-02-10', days_left: 10, is_due: true } },
    ],
  ])('%s', (_, change) => {
    expect(told(change)).toEqual([]);
  });
});

describe('it is told', () => {
  test('which dates are lost, at risk, or fail again and again', () => {
    const failed = { ...slice, reason: 'no', isRefused: false, attempts: 2 };
    const alerts = told({
      summary: {
        ...NOTHING_DONE,
        missed: [{ ...slice, reason: 'it expired' }],
        atRisk: [slice],
        failed: [failed],
      },
    });
    expect(alerts.map(({ event, text }) => [event, text])).toEqual([
      [
        'missed',
        'Lost: expired before any copy was made:\ndsp_clicks DE:dsp:1 2026-01-01: it expired',
      ],
      ['at_risk', 'At risk, less than 48 hours remain:\ndsp_clicks DE:dsp:1 2026-01-01'],
      ['failed_twice', 'Failed twice and more:\ndsp_clicks DE:dsp:1 2026-01-01: no'],
    ]);
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(3);
  });

  test('which accounts no run has come to for a day, and why', () => {
    const failedAccounts = [
      { accountId: ACCOUNT, cause: 'unreachable', reason: 'no answer' },
    ] as const;
    const [alert] = told({
      summary: { ...NOTHING_DONE, failedAccounts },
      statuses: [savedAgo(25)],
    });
    expect(alert).toMatchObject({
      event: 'down',
      text: 'No run has come to these accounts for a day:\nDE:dsp:1 since 2026-01-30T05:00:00.000Z: no answer',
    });
    const broken = told({
      failure: 'no warehouse',
      summary: undefined,
      sinceMs: NOW - 24 * HOUR_MS,
    });
    expect(broken.map(({ event }) => event)).toEqual(['down']);
  });

  test.each([30, 7, 1, 0, -3])('that a consent ends in %i days', (days) => {
    const [alert] = told({ consent: { ends: '2026-03-01', days_left: days, is_due: true } });
    expect(alert).toMatchObject({ event: 'consent_ends', id: 'consent_ends:2026-03-01' });
  });

  test('shortly, however much there is', () => {
    const missed = Array.from({ length: 500 }, () => ({ ...slice, reason: 'x' }));
    const [alert] = told({ summary: { ...NOTHING_DONE, missed } });
    expect(alert?.text.split('\n')).toHaveLength(52);
    expect(alert?.text).toContain('… and 450 more');
  });
});
