import { WriteStream } from 'node:tty';
import { UNTOUCHED_ENTRY } from '@traffic-events/slice';
import { builtInStreams } from '@traffic-events/source';
import type { PartitionStatus, StreamCoverage } from '@traffic-events/warehouse';
import { describe, expect, test } from 'vitest';
import { calendarText } from './calendar-text.ts';
import { streamReport } from './stream-report.ts';
import { verdictOf } from './verdict.ts';

const nowMs = Date.parse('2026-02-10T06:00:00Z');
const clicks = builtInStreams().find(({ name }) => name === 'dsp_clicks');

/** Closed up to 2026-01-11; later dates are open, and one of them has a whole copy. */
const partition: PartitionStatus = {
  stream: 'dsp_clicks',
  accountId: 'DE:dsp:1234',
  state: {
    fingerprint: 'f',
    since: '2026-01-05',
    bookmark: '2026-01-11',
    tail: { '2026-02-08': { ...UNTOUCHED_ENTRY, execution_id: 'e', complete: true } },
    in_flight: [],
  },
  runId: 'r2',
  savedAt: new Date(nowMs),
  missedDates: ['2026-01-05', '2026-01-06'],
  failures: [],
};

const coverage: StreamCoverage = {
  stream: 'dsp_clicks',
  accountId: 'DE:dsp:1234',
  spans: [
    { from: '2026-01-05', to: '2026-01-06', standing: 'missed' },
    { from: '2026-01-07', to: '2026-01-09', standing: 'whole' },
    { from: '2026-01-10', to: '2026-01-10', standing: 'frozen' },
    { from: '2026-01-11', to: '2026-01-11', standing: 'partial' },
    { from: '2026-02-08', to: '2026-02-08', standing: 'provisional' },
  ],
  lastSuccess: '2026-02-09T06:10:00.000Z',
  suppressedShare: 0.123,
  missed: [
    { eventDate: '2026-01-05', runId: 'r1' },
    { eventDate: '2026-01-06', runId: 'r2' },
  ],
};

const report = streamReport(partition, coverage, clicks, nowMs);

describe('how a stream stands, date by date', () => {
  test('goes on to yesterday of the clock, and names what is at risk and since when', () => {
    expect(report.calendar).toEqual([
      ...coverage.spans.slice(0, -1),
      { from: '2026-01-12', to: '2026-01-13', standing: 'at_risk' },
      { from: '2026-01-14', to: '2026-02-07', standing: 'open' },
      { from: '2026-02-08', to: '2026-02-08', standing: 'provisional' },
      { from: '2026-02-09', to: '2026-02-09', standing: 'open' },
    ]);
    expect(report.at_risk).toEqual([
      { event_date: '2026-01-12', lost_at: '2026-02-11T00:00:00.000Z', hours_left: 18 },
      { event_date: '2026-01-13', lost_at: '2026-02-12T00:00:00.000Z', hours_left: 42 },
    ]);
    expect(report).toMatchObject({
      newest_whole_date: '2026-01-09',
      next_loss_at: '2026-02-11T00:00:00.000Z',
      newly_missed_dates: ['2026-01-06'],
    });
  });

  test('ends at yesterday in the zone of the account', () => {
    const accountId = 'JP:dsp:1@Asia/Tokyo';
    const late = Date.parse('2026-02-10T20:00:00Z');
    const { calendar } = streamReport({ ...partition, accountId }, undefined, clicks, late);
    expect(calendar.at(-1)?.to).toBe('2026-02-10');
  });

  test('waits for nothing that the configuration no longer lists', () => {
    const left = streamReport(partition, coverage, undefined, nowMs);
    expect([left.is_collected, left.at_risk, left.next_loss_at]).toEqual([false, [], null]);
    expect(left.calendar.at(-1)).toEqual(coverage.spans.at(-1));
    expect(verdictOf([left], [], nowMs)).toEqual({ exit_code: 0, findings: [] });
  });
});

describe('a check', () => {
  const well = { ...report, at_risk: [], newly_missed_dates: [], retries: [] };
  const retry = {
    event_date: '2026-02-09',
    attempts: 1,
    next_try: '',
    waits_for: 'failure',
    reason: null,
  } as const;
  const hoursAgo = (hours: number) => ({
    ...report.last_run,
    saved_at: new Date(nowMs - hours * 3_600_000).toISOString(),
  });
  const untouched = { stream: 'dsp_views', account_id: 'DE:dsp:1234' };

  test.each([
    ['all is well', well, [], 0],
    ['a date is at risk', { ...well, at_risk: report.at_risk }, [], 6],
    ['a date was just lost', { ...well, newly_missed_dates: ['2026-01-06'] }, [], 6],
    ['a slice failed', { ...well, retries: [retry] }, [], 5],
    ['a slice waits its turn', { ...well, retries: [{ ...retry, waits_for: 'overlap' }] }, [], 0],
    ['nobody has asked', { ...well, last_run: hoursAgo(36) }, [], 5],
    ['somebody has asked', { ...well, last_run: hoursAgo(35) }, [], 0],
    ['a stream was never loaded', well, [untouched], 5],
    ['of several the gravest', { ...report, retries: [retry] }, [], 6],
  ] as const)('%s', (_, stream, notStarted, code) => {
    const { exit_code, findings } = verdictOf([stream], notStarted, nowMs);
    expect(exit_code).toBe(code);
    expect(findings.length > 0).toBe(code !== 0);
  });
});

describe('the calendar of a terminal', () => {
  const stream = Object.assign(Object.create(process.stdout) as NodeJS.WriteStream, {
    isTTY: true,
    getColorDepth: () => {
      const { NO_COLOR } = process.env;
      return WriteStream.prototype.getColorDepth.call(process.stdout, { TERM: 'xterm', NO_COLOR });
    },
  });
  const text = calendarText(
    [report, { ...report, stream: 'sponsored_ads_invalid_traffic_by_campaign' }],
    nowMs,
    { stream },
  );
  // eslint-disable-next-line no-control-regex
  const plain = text.replaceAll(/\u001B\[\d+m/g, '');

  test('tells standings apart without colours, ends at yesterday, and fits 80 columns', () => {
    const [account, months, , line] = plain.split('\n');
    expect(account).toBe('DE:dsp:1234');
    expect(months).toContain('2026-01');
    expect(line).toBe(
      'dsp_clicks                  FP!!·························▒·  2026-01-09   12.3 %',
    );
    expect(Math.max(...plain.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(plain).toContain('! at risk');
  });

  test('has colours on a terminal, and none where NO_COLOR says so', () => {
    expect(text).toContain('\u001B[33m!');
    process.env['NO_COLOR'] = '1';
    try {
      expect(calendarText([report], nowMs, { stream })).not.toContain('\u001B[');
    } finally {
      delete process.env['NO_COLOR'];
    }
  });
});
