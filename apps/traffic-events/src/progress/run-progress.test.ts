import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createRunProgress } from './run-progress.ts';

/** As much of a terminal as lines that are redrawn need. */
function terminal(): NodeJS.WriteStream & { readonly shown: () => string } {
  let written = '';
  const stream = new PassThrough().on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const cursor = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true };
  return Object.assign(stream, {
    isTTY: true,
    columns: 120,
    rows: 24,
    shown: () => written,
    ...cursor,
  }) as never;
}

const ACCOUNTS = ['DE:dsp:1', 'UK:dsp:2'];
const slice = { stream: 'dsp_clicks', account_id: 'DE:dsp:1', event_date: '2026-01-05' };
const planned = {
  account_id: 'DE:dsp:1',
  slices: 3,
  in_flight: 1,
  hours_ahead: 0.25,
  will_be_lost: ['dsp_clicks 2026-01-01'],
};
const clock = { now: () => Date.parse('2026-01-31T06:00:00Z') };

test('a line per account tells how far it is, and what needs attention stands above', () => {
  const stream = terminal();
  {
    using progress = createRunProgress({ stream, clock, accounts: ACCOUNTS });
    progress.logger.info(planned, 'run.planned');
    progress.logger.info({ ...slice, row_count: 1200 }, 'slice.loaded');
    progress.logger.warn({ ...slice, reason: 'the service said no' }, 'slice.failed');
  }
  expect(stream.shown()).toMatch(
    /DE:dsp:1 .*running.* 2 of 4 {2}ends about \d\d:\d\d {2}1 failed {2}1,200 rows/,
  );
  expect(stream.shown()).toContain('DE:dsp:1: WILL BE LOST: dsp_clicks 2026-01-01');
  expect(stream.shown()).toMatch(/UK:dsp:2 .*waiting/);
  expect(stream.shown()).toContain(
    'slice.failed  dsp_clicks DE:dsp:1 2026-01-05  the service said no',
  );
});

test('a terminal that goes away ends nothing', () => {
  const stream = terminal();
  const progress = createRunProgress({ stream, clock, accounts: ACCOUNTS });
  stream.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
  const before = stream.shown();
  progress.logger.info(planned, 'run.planned');
  progress.logger.error({ account_id: 'DE:dsp:1', reason: 'x' }, 'account.failed');
  expect(stream.shown()).toBe(before);
  progress[Symbol.dispose]();
});
