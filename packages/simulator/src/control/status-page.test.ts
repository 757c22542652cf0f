import { expect, test } from 'vitest';
import { ApiCaller, request } from '../testing/api-caller.ts';
import { DSP, startTestSimulator, TOTALS } from '../testing/simulators.ts';

test('the front page tells accounts, switches, faults and executions as plain text', async () => {
  const simulator = await startTestSimulator({
    responseShape: 'flat',
    faults: { rules: [{ operation: 'get', fault: { kind: 'unauthorized' } }] },
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  await caller.create({ workflowId: 'first', sqlQuery: TOTALS });
  await caller.create({ workflowId: 'second', sqlQuery: 'SELECT 1' });
  simulator.clock.advanceTo(Date.parse('2026-02-01T06:10:00Z'));
  const page = await request(simulator.url);
  expect(page.headers.get('content-type')).toContain('text/plain');
  expect(page.text.split('\n').map((line) => line.replace(/[0-9a-f-]{36}/, 'ID'))).toEqual([
    'Traffic events API simulator',
    '',
    'Clock',
    '  2026-02-01T06:10:00.000Z, stands still',
    '',
    'Accounts',
    '  DE:dsp:1234  2 executions, 1 of 5 slots taken, named by Advertiser-Id',
    '  UK:entity:ENTITY1  0 executions, 0 of 5 slots taken',
    '',
    'Switches that differ from their defaults',
    '  responseShape = "flat"',
    '',
    'Faults',
    '  get of any account, request 1 to 1: {"kind":"unauthorized"}',
    '  0 have struck',
    '',
    'Executions, newest first',
    '  ID  REJECTED  created 2026-02-01T06:00:00.000Z  DE:dsp:1234  second',
    '    2026-01-31T00:00:00 to 2026-02-01T00:00:00 UTC  SELECT 1',
    '    The final SELECT must contain at least one aggregate function',
    '  ID  RUNNING  created 2026-02-01T06:00:00.000Z  DE:dsp:1234  first',
    `    2026-01-31T00:00:00 to 2026-02-01T00:00:00 UTC  ${TOTALS}`,
    '',
  ]);
});
