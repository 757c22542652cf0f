import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createRunProgress } from './run-progress.ts';

/** As much of a terminal as a bar needs. */
function terminal(): NodeJS.WriteStream & { readonly shown: () => string } {
  let written = '';
  const stream = new PassThrough().on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const cursor = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true };
  return Object.assign(stream, {
    isTTY: true,
    columns: 120,
    shown: () => written,
    ...cursor,
  }) as never;
}

const slice = { stream: 'dsp_clicks', account_id: 'DE:dsp:1', event_date: '2026-01-05' };

test('the bar counts what has finished, and what needs attention stands above it', () => {
  const screen = terminal();
  {
    using progress = createRunProgress(screen);
    progress.logger.info(
      {
        account_id: 'DE:dsp:1',
        executions: 3,
        in_flight: 1,
        hours_ahead: 0.25,
        hours_learned: 0.1,
        will_be_lost: ['dsp_clicks 2026-01-01'],
      },
      'run.planned',
    );
    progress.logger.info(slice, 'slice.loaded');
    progress.logger.warn({ ...slice, reason: 'the service said no' }, 'slice.failed');
  }
  expect(screen.shown()).toContain(
    'DE:dsp:1: 4 executions ahead, about 0.1 hours; WILL BE LOST: dsp_clicks 2026-01-01',
  );
  expect(screen.shown()).toContain('2 of 4 executions  dsp_clicks DE:dsp:1 2026-01-05');
  expect(screen.shown()).toContain(
    'slice.failed  dsp_clicks DE:dsp:1 2026-01-05  the service said no',
  );
});
