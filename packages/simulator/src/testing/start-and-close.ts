import { startSimulator } from '../index.ts';
import { ApiCaller } from './api-caller.ts';

/** Leaves a sleeping request and a running execution behind, closes, and must then come to its end. */
const account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const simulator = await startSimulator({
  accounts: [account],
  events: { kind: 'generated', days: 3, eventsPerDay: 50 },
  faults: {
    rules: [{ operation: 'get', fault: { kind: 'delayed', delayMs: 3_600_000 } }],
  },
});
const caller = await ApiCaller.signIn(simulator, account);
await caller.create({ sqlQuery: 'SELECT COUNT(*) AS n FROM dsp_impressions' });
const asleep = caller.get('any').catch(() => undefined);
await simulator.close();
await asleep;
process.stdout.write('closed\n');
