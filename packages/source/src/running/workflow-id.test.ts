import { expect, it } from 'vitest';

import { formatWorkflowId, parseWorkflowId } from './workflow-id.ts';

const parts = {
  stream: 'dsp_clicks',
  eventDate: '2026-01-31',
  fingerprint: '0123456789abcdef',
  attempt: 2,
  runId: '1a2b3c4d',
};

it('says stream, date, definition, attempt and run in the characters that the API takes', () => {
  const id = formatWorkflowId(parts);
  expect(id).toBe('te.dsp_clicks.2026-01-31.0123456789abcdef.2.1a2b3c4d');
  expect(id).toMatch(/^[A-Za-z0-9._-]+$/);
  expect(parseWorkflowId(id)).toEqual(parts);
});

it('does not take the workflowIds of other programs for its own', () => {
  expect(parseWorkflowId('transient_8f2')).toBeUndefined();
  expect(parseWorkflowId('te.dsp_clicks.2026-01-31.nothex.2.run')).toBeUndefined();
});
