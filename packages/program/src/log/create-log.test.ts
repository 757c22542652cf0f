import type { Logger } from '@traffic-events/client';
import { expect, it } from 'vitest';

import { createLog } from './create-log.ts';

function linesOf(say: (logger: Logger) => void): unknown[] {
  const lines: unknown[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  say(createLog({ stream }));
  return lines;
}

const TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);

it('has the same form whoever logs, and no secret', () => {
  const fields = { account_id: 'DE:dsp:1', client_secret: 'hidden', body: { password: 'hidden' } };
  const lines = linesOf((logger) => {
    logger.warn(fields, 'slice.failed');
    logger.info(fields, 'request.retried');
  });
  const rest = {
    time: TIME,
    account_id: 'DE:dsp:1',
    client_secret: '[Redacted]',
    body: { password: '[Redacted]' },
  };
  expect(lines).toEqual([
    { level: 'warn', event: 'slice.failed', ...rest },
    { level: 'info', event: 'request.retried', ...rest },
  ]);
});
