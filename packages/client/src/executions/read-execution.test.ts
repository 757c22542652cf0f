import { describe, expect, it } from 'vitest';

import { Redactor } from '../http/redaction.ts';
import { readExecution, stateOf } from './read-execution.ts';
import { isOverlapRefusal } from './overlap-refusal.ts';

const redactor = new Redactor();
redactor.add('hush-hush-token');
const clean = (text: string, maxLength?: number) => redactor.clean(text, maxLength);
const ANSWERED_MS = Date.UTC(2026, 0, 1);
const read = (json: unknown) =>
  readExecution({ json, apiTimeMs: ANSWERED_MS, requestId: 'r-1', clean });

const common = {
  workflowExecutionId: 'e1',
  workflowId: 'w1',
  status: 'PENDING',
  createTime: '2023-08-17T04:12:53Z',
  expireTime: '2023-10-17T04:12:53.339Z',
  lastUpdatedTime: '2023-08-17T04:12:53.123456789',
  somethingNew: { deeply: ['nested'] },
};
const expected = {
  id: 'e1',
  workflowId: 'w1',
  status: 'PENDING',
  state: 'active',
  createTimeMs: Date.UTC(2023, 7, 17, 4, 12, 53),
  lastUpdatedTimeMs: Date.UTC(2023, 7, 17, 4, 12, 53, 123),
  expireTimeMs: Date.UTC(2023, 9, 17, 4, 12, 53, 339),
  reason: null,
  dataGaps: [],
  window: {
    startMs: Date.UTC(2023, 7, 1),
    endMs: Date.UTC(2023, 7, 2),
    timeZone: 'America/New_York',
    isClear: true,
  },
  apiTimeMs: ANSWERED_MS,
};

const timeoutOf = (seconds: unknown) =>
  read({ ...common, workflowExecutionTimeoutSeconds: seconds }).timeoutMs;

describe('readExecution', () => {
  it('reads nested and flat answers alike', () => {
    const nested = {
      ...common,
      timeWindow: {
        start: '2023-08-01T00:00:00Z',
        end: '2023-08-02T00:00:00Z',
        startOriginal: '2023-07-31T20:00:00',
        timeZoneOriginal: 'America/New_York',
      },
    };
    const flat = {
      ...common,
      timeWindowStart: '2023-08-01T00:00:00',
      timeWindowEnd: '2023-08-02T00:00:00Z',
      timeWindowTimeZoneOriginal: 'America/New_York',
      executionCategory: 'AD_HOC',
    };
    expect(read({ workflowExecution: nested })).toStrictEqual(expected);
    expect(read(nested)).toStrictEqual(expected);
    expect(read({ workflowExecution: flat })).toStrictEqual(expected);
    expect(read(flat)).toStrictEqual(expected);
  });

  it('reads how long the service lets it run, where it says so', () => {
    expect([21_600, '900', 0, 'long', undefined].map(timeoutOf)).toEqual([
      21_600_000,
      900_000,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('needs nothing but the id', () => {
    expect(read({ workflowExecution: { workflowExecutionId: 'e1' } })).toMatchObject({
      id: 'e1',
      workflowId: null,
      status: 'PENDING',
      state: 'active',
      createTimeMs: null,
      window: null,
    });
    expect(() => read({ status: 'PENDING' })).toThrow(
      'The API answered with success, but without a workflowExecutionId. Report this with the request id',
    );
  });

  it('keeps data gaps, and finds the reason under any of its names', () => {
    const gaps = ['dsp_impressions 2023-08-01'];
    expect(read({ ...common, dataGaps: gaps }).dataGaps).toStrictEqual(gaps);
    const gap = { start: '2023-08-01T00:00:00Z' };
    for (const told of [[gap], gap, 'an hour', true, 1, [null]]) {
      expect(read({ ...common, dataGaps: told }).dataGaps).toHaveLength(1);
    }
    for (const none of [[], {}, '', false, 0, null, undefined]) {
      expect(read({ ...common, dataGaps: none }).dataGaps).toStrictEqual([]);
    }
    for (const key of [
      'WorkflowExecutionStatusReason',
      'statusReason',
      'failureReason',
      'errorReason',
      'details',
      'message',
    ]) {
      expect(read({ ...common, status: 'FAILED', [key]: 'because' }).reason).toBe('because');
    }
  });
});

describe('the window of an execution', () => {
  const [start, end] = ['2023-08-01T00:00:00', '2023-08-02T00:00:00'];
  const clear = { startMs: Date.UTC(2023, 7, 1), endMs: Date.UTC(2023, 7, 2), isClear: true };
  const unclear = { isClear: false };

  it.each([
    [{ timeWindow: { start, end } }, clear],
    [{ timeWindow: { timeWindowStart: start, timeWindowEnd: end } }, clear],
    [{ timeWindow: { startOriginal: start, endOriginal: end, timeZoneOriginal: 'UTC' } }, clear],
    [{ timeWindowStartOriginal: start, timeWindowEndOriginal: end }, clear],
    [{ timeWindow: { startOriginal: start, timeZoneOriginal: 'Europe/Berlin' } }, unclear],
    [{ timeWindow: { start: 1_690_848_000, end: 1_690_934_400 } }, unclear],
    [{ timeWindow: { start, end: '2023-08-02' } }, unclear],
    [{ timeWindow: `${start}/${end}` }, unclear],
    [{ timeWindow: { type: 'MOST_RECENT_DAY' } }, unclear],
    [{ timeWindowType: 'MOST_RECENT_DAY', timeWindowStart: start, timeWindowEnd: end }, clear],
    [{ timeWindow: { start } }, { startMs: clear.startMs, endMs: null, isClear: true }],
  ])('is what it says, or is unclear: %j', (said, window) => {
    expect(read({ workflowExecutionId: 'e1', ...said }).window).toMatchObject(window);
  });

  it.each([[{}], [{ timeWindow: null }], [{ timeWindow: { type: 'explicit', start: null } }]])(
    'is not said: %j',
    (said) => {
      expect(read({ workflowExecutionId: 'e1', ...said }).window).toBeNull();
    },
  );
});

describe('when an execution was created', () => {
  const createdMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const created = (createTime: unknown, apiTimeMs: number | null = createdMs) =>
    readExecution({ json: { ...common, createTime }, apiTimeMs, requestId: 'r', clean })
      .createTimeMs;

  it('is what the API says, and unknown where nobody could believe it', () => {
    expect(created('2026-01-02T03:04:05Z')).toBe(createdMs);
    expect(created('2026-01-02T03:04:05Z', createdMs - 299_000)).toBe(createdMs);
    expect(created('2026-01-02T03:04:05Z', null)).toBe(createdMs);
    for (const future of ['2026-01-02T03:09:06Z', '2099-01-01T00:00:00Z', '9999-12-31T00:00:00Z']) {
      expect(created(future)).toBeNull();
    }
    for (const none of ['2026-13-01T00:00:00Z', '2025-02-29T00:00:00Z', '2026-01-01T25:00:00Z']) {
      expect(created(none, null)).toBeNull();
    }
    for (const none of [undefined, null, '', 'today', 1_700_000_000])
      expect(created(none)).toBeNull();
  });
});

describe('what an answer says in words', () => {
  const hostile = '\u001b[2J\u0000\u202e\ud800 hush-hush-token ';
  const printable = /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u;

  it('is kept cleaned, cut and without secrets, whatever it is about', () => {
    const execution = read({
      workflowExecutionId: 'e1',
      workflowId: hostile,
      status: `REJECTED${hostile}`,
      statusReason: `${hostile}${'x'.repeat(3_000_000)}`,
      dataGaps: Array.from({ length: 1_000 }, () => ({ table: hostile })),
      timeWindow: { start: hostile, timezone: hostile },
    });
    const kept = JSON.stringify(execution);
    expect(kept.length).toBeLessThan(10_000);
    expect(kept).toMatch(printable);
    expect(kept).not.toContain('hush-hush-token');
    expect(execution.reason).toMatch(/^\ufffd \[redacted\] x+… \(30000\d\d characters\)$/);
    // A status in which something hides is none that is known.
    expect(execution.state).toBe('active');
  });

  it('is no id where it cannot be one', () => {
    for (const id of ['', 'e 1', 'e1\n', 'é', 'e'.repeat(257), 7]) {
      expect(() => read({ workflowExecutionId: id })).toThrow(/without a workflowExecutionId/);
    }
    expect(read({ workflowExecutionId: 'e1', workflowId: 'w1\u202e' }).workflowId).toBe('w1\ufffd');
  });
});

describe('stateOf', () => {
  it.each([
    ['succeeded', ['SUCCEEDED', 'succeeded']],
    ['failed', ['FAILED', 'REJECTED', 'CANCELLED', 'CANCELED', 'EXPIRED', 'TIMED_OUT', 'Failed']],
    ['active', ['PENDING', 'RUNNING', 'PUBLISHING', 'WAITING_FOR_CAPACITY']],
  ])('%s for %s', (state, statuses) => {
    for (const status of statuses) expect(stateOf(status)).toBe(state);
  });
});

describe('isOverlapRefusal', () => {
  it('knows the sentence of the privacy rule', () => {
    const reason =
      'Execution "X" of workflow "Y" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows.';
    expect(isOverlapRefusal({ state: 'failed', reason })).toBe(true);
    expect(isOverlapRefusal({ state: 'failed', reason: 'Syntax error' })).toBe(false);
    expect(isOverlapRefusal({ state: 'failed', reason: null })).toBe(false);
  });
});
