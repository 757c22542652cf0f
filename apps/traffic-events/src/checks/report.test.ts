import { expect, test } from 'vitest';
import { checkTable } from './report.ts';

test('a check that failed stands with what to do, within the width of the terminal', () => {
  const text = checkTable(
    [
      { what: 'streams', outcome: 'ok', detail: 'dsp_clicks', next: null, code: 0 },
      {
        what: 'account DE:dsp:1234',
        outcome: 'failed',
        detail: 'POST /avc/workflowexecutions for DE:dsp:1234 was answered 403: no access',
        next: 'give the user who consented view_performance_dashboard for the account',
        code: 8,
      },
    ],
    60,
  );
  expect(text).toBe(`ok       streams: dsp_clicks
NOT OK   account DE:dsp:1234: POST /avc/workflowexecutions
         for DE:dsp:1234 was answered 403: no access
         next: give the user who consented
         view_performance_dashboard for the account`);
});
