import { expect, test } from 'vitest';
import type { Simulator } from '../index.ts';
import { ApiCaller, executionOf, request, requestToken } from '../testing/api-caller.ts';
import { DSP, ENTITY, startTestSimulator, TOTALS } from '../testing/simulators.ts';
import { faultSchema } from './fault.ts';
import type { FaultRule } from './fault.ts';
import { Faults } from './faults.ts';
import { makeFaultPlan } from './make-fault-plan.ts';

type RuleInput = Partial<Omit<FaultRule, 'fault'>> & { fault: object };

const rule = ({ fault, ...rest }: RuleInput): FaultRule => ({
  operation: 'get',
  from: 1,
  times: 1,
  ...rest,
  fault: faultSchema.parse(fault),
});

const withRule = (input: RuleInput): Promise<Simulator> =>
  startTestSimulator({ faults: { rules: [rule(input)] } });

async function finishedExecution(simulator: Simulator) {
  const caller = await ApiCaller.signIn(simulator, DSP);
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId as string;
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  return { caller, id };
}

async function downloadUrl(simulator: Simulator): Promise<string> {
  const { caller, id } = await finishedExecution(simulator);
  return (await caller.downloadUrls(id)).json.downloadUrls[0];
}

test('a plan strikes the requests that it counts, per operation and account', () => {
  const faults = new Faults({
    rules: [rule({ from: 2, times: 2, account: 'DE:dsp:1234', fault: { kind: 'unauthorized' } })],
  });
  const strikes = (account: string) => faults.strike('get', account, 0)?.kind;
  expect([1, 2, 3, 4].map(() => strikes('DE:dsp:1234'))).toEqual([
    undefined,
    'unauthorized',
    'unauthorized',
    undefined,
  ]);
  expect(strikes('FR:dsp:1234')).toBeUndefined();
  expect(faults.struck.map((each) => each.request)).toEqual([2, 3]);
});

test('a rule with instants strikes between them only, however many requests there are', () => {
  const outage = rule({
    times: null,
    since: '2026-01-01T00:10:00Z',
    until: '2026-01-01T00:35:00Z',
    fault: { kind: 'server_error', status: 503 },
  });
  const faults = new Faults({ rules: [outage] });
  const struckAt = (minute: number) =>
    faults.strike('get', null, Date.parse('2026-01-01T00:00:00Z') + minute * 60_000) !== undefined;
  expect([9, 10, 34, 35].map(struckAt)).toEqual([false, true, true, false]);
});

test('the plan of a seed can be printed and replayed', () => {
  const settings = { seed: 7, share: 0.3, requests: 50, maxInARow: 2 };
  const plan = makeFaultPlan(settings);
  expect(makeFaultPlan(settings)).toEqual(plan);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(makeFaultPlan({ ...settings, seed: 8 })).not.toEqual(plan);
  expect(plan.rules.length).toBeGreaterThan(20);
});

async function askTwelveTimes(simulator: Simulator) {
  for (let count = 0; count < 12; count++) await requestToken(simulator).catch(() => undefined);
  return (await request(`${simulator.url}/_simulator/faults`)).json.struck;
}

test('a plan printed by one simulator strikes another in the same way', async () => {
  const first = await startTestSimulator({ faults: { seed: 3, share: 0.5 } });
  const printed = (await request(`${first.url}/_simulator/faults`)).json.plan;
  const second = await startTestSimulator({ faults: printed });
  expect(await askTwelveTimes(second)).toEqual(await askTwelveTimes(first));
});

test('429 comes with Retry-After in seconds, as a date of the simulated time, or without', async () => {
  const simulator = await startTestSimulator({
    faults: {
      rules: [
        rule({ fault: { kind: 'rate_limited', retryAfterSeconds: 7 } }),
        rule({ from: 2, fault: { kind: 'rate_limited', retryAfter: 'date' } }),
        rule({ from: 3, fault: { kind: 'rate_limited', retryAfter: 'none' } }),
      ],
    },
  });
  const { caller, id } = await finishedExecution(simulator);
  const answers = [await caller.get(id), await caller.get(id), await caller.get(id)];
  expect(answers.map((answer) => [answer.status, answer.headers.get('retry-after')])).toEqual([
    [429, '7'],
    [429, 'Sun, 01 Feb 2026 06:15:01 GMT'],
    [429, null],
  ]);
  expect((await caller.get(id)).status).toBe(200);
});

test('a gateway answers in a shape of its own', async () => {
  const simulator = await withRule({
    fault: { kind: 'server_error', status: 504, shape: 'message' },
  });
  const { caller, id } = await finishedExecution(simulator);
  const answer = await caller.get(id);
  expect([answer.status, answer.json]).toEqual([504, { message: 'Endpoint request timed out' }]);
});

test('a create whose answer is lost has happened all the same', async () => {
  const simulator = await withRule({ operation: 'create', fault: { kind: 'answer_lost' } });
  const caller = await ApiCaller.signIn(simulator, DSP);
  await expect(caller.create({ workflowId: 'lost', sqlQuery: TOTALS })).rejects.toThrow(
    'fetch failed',
  );
  const listed = await caller.call('POST', '/avc/workflowexecutions/list', { workflowId: 'lost' });
  expect(listed.json.executions).toHaveLength(1);
});

test('a connection that is reset has done nothing', async () => {
  const simulator = await withRule({ operation: 'create', fault: { kind: 'connection_reset' } });
  const caller = await ApiCaller.signIn(simulator, DSP);
  await expect(caller.create({ sqlQuery: TOTALS })).rejects.toThrow('fetch failed');
  const all = await request(`${simulator.url}/_simulator/executions`);
  expect(all.json.executions).toEqual([]);
});

test('a download that is cut short announces the whole length', async () => {
  const simulator = await withRule({ operation: 'download', fault: { kind: 'truncated' } });
  const url = await downloadUrl(simulator);
  await expect(request(url)).rejects.toThrow('terminated');
  const whole = await request(url);
  expect(whole.text).toMatch(/^impressions\n\d+\n$/);
  expect(whole.headers.get('content-length')).toBe(String(whole.text.length));
});

test('slow bytes arrive whole', async () => {
  const simulator = await startTestSimulator({
    scale: 1000,
    executionDurationMs: 0,
    faults: {
      rules: [
        rule({
          operation: 'download',
          fault: { kind: 'slow_bytes', chunkBytes: 4, delayMs: 1000 },
        }),
      ],
    },
  });
  const url = await downloadUrl(simulator);
  expect((await request(url)).text).toMatch(/^impressions\n\d+\n$/);
});

test('a create may be carried out long before it is answered', async () => {
  const simulator = await withRule({
    operation: 'create',
    fault: { kind: 'answer_delayed', delayMs: 60_000 },
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  const answer = caller.create({ workflowId: 'late', sqlQuery: TOTALS });
  const seen = async () =>
    (await request(`${simulator.url}/_simulator/executions`)).json.executions.length as number;
  await expect.poll(seen).toBe(1);
  simulator.clock.advanceTo(simulator.clock.now() + 60_000);
  expect((await answer).status).toBe(200);
});

test('a signed URL is refused although it is good, and works when asked for again', async () => {
  const simulator = await withRule({ operation: 'download', fault: { kind: 'url_refused' } });
  const url = await downloadUrl(simulator);
  expect((await request(url)).status).toBe(403);
  expect((await request(url)).status).toBe(200);
});

test.each([
  [{ kind: 'execution_fails', reason: 'out of luck' }, 'FAILED', 'out of luck'],
  [{ kind: 'execution_rejected', reason: 'no' }, 'REJECTED', 'no'],
  [{ kind: 'execution_cancelled' }, 'CANCELLED', undefined],
  [{ kind: 'execution_never_ends' }, 'RUNNING', undefined],
])('an execution struck by %j is %s in the end', async (fault, status, reason) => {
  const simulator = await withRule({ operation: 'create', fault });
  const { caller, id } = await finishedExecution(simulator);
  const execution = executionOf(await caller.get(id));
  expect([execution.status, execution.statusReason]).toEqual([status, reason]);
  expect((await caller.downloadUrls(id)).status).toBe(404);
});

test('an execution may show a status that nobody knows, and succeed', async () => {
  const simulator = await withRule({
    operation: 'create',
    fault: { kind: 'execution_unknown_status', status: 'QUEUED' },
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  const id = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  simulator.clock.advanceTo(simulator.clock.now() + 5 * 60_000);
  expect(executionOf(await caller.get(id)).status).toBe('QUEUED');
  simulator.clock.advanceTo(simulator.clock.now() + 10 * 60_000);
  expect(executionOf(await caller.get(id)).status).toBe('SUCCEEDED');
});

test('a fault of executions can only strike a create', async () => {
  const simulator = await startTestSimulator();
  const answer = await request(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    body: JSON.stringify({ rules: [{ operation: 'get', fault: { kind: 'execution_fails' } }] }),
  });
  expect([answer.status, answer.json.details]).toEqual([
    400,
    expect.stringContaining('faults of executions strike the operation create'),
  ]);
});

test('a plan can be replaced while the simulator runs', async () => {
  const simulator = await startTestSimulator();
  const answer = await request(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    body: JSON.stringify({ rules: [{ operation: 'token', fault: { kind: 'server_error' } }] }),
  });
  expect(answer.json.plan.rules).toHaveLength(1);
  expect((await requestToken(simulator)).status).toBe(500);
  expect((await requestToken(simulator)).status).toBe(200);
});

test('an account can be struck while another is not', async () => {
  const simulator = await withRule({
    operation: 'create',
    account: 'UK:entity:ENTITY1',
    fault: { kind: 'server_error' },
  });
  const dsp = await ApiCaller.signIn(simulator, DSP);
  const entity = await ApiCaller.signIn(simulator, ENTITY);
  expect((await dsp.create({ sqlQuery: TOTALS })).status).toBe(200);
  expect((await entity.create({ sqlQuery: TOTALS })).status).toBe(500);
});

test.each([
  ['code_details', /^\{"code":"429","details":"Too many requests"/],
  ['message', /^\{"message":"Too many requests"\}$/],
  ['html', /^<html><body><h1>429 Too many requests/],
])('429 comes in the shape %s, with its Retry-After', async (shape, text) => {
  const simulator = await withRule({
    fault: { kind: 'rate_limited', shape, retryAfterSeconds: 9 },
  });
  const { caller, id } = await finishedExecution(simulator);
  const answer = await caller.get(id);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '9']);
  expect(answer.text).toMatch(text);
  expect((await caller.get(id)).status).toBe(200);
});

test('one execution is refused again and again while others are not', async () => {
  const simulator = await withRule({ operation: 'create', fault: { kind: 'execution_denied' } });
  const { caller, id } = await finishedExecution(simulator);
  const other = executionOf(await caller.create({ sqlQuery: TOTALS })).workflowExecutionId;
  const statuses = async (execution: string) => [
    (await caller.get(execution)).status,
    (await caller.get(execution)).status,
    (await caller.downloadUrls(execution)).status,
  ];
  expect(await statuses(id)).toEqual([401, 401, 401]);
  expect(await statuses(other)).toEqual([200, 200, 404]);
});

test('one execution is refused a number of times', async () => {
  const fault = { kind: 'execution_denied', status: 403, times: 2 };
  const { caller, id } = await finishedExecution(await withRule({ operation: 'create', fault }));
  const statuses = [await caller.get(id), await caller.get(id), await caller.get(id)];
  expect(statuses.map(({ status }) => status)).toEqual([403, 403, 200]);
});

test('access can be lost between the create and its result', async () => {
  const simulator = await withRule({
    operation: ['get', 'list', 'download_urls'],
    times: null,
    fault: { kind: 'no_access' },
  });
  const { caller, id } = await finishedExecution(simulator);
  const list = await caller.call('POST', '/avc/workflowexecutions/list', { workflowId: 'w' });
  const answers = [await caller.get(id), await caller.downloadUrls(id), list];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(answers[0]?.json).toMatchObject({ details: 'User is not authorized for the account' });
});

test('each endpoint can be out for hours of simulated time', async () => {
  const simulator = await startTestSimulator({
    faults: {
      rules: [
        rule({
          operation: ['token', 'create', 'get', 'list', 'download_urls', 'download'],
          times: null,
          since: '2026-02-01T07:00:00Z',
          until: '2026-02-01T10:00:00Z',
          fault: { kind: 'server_error', status: 503 },
        }),
      ],
    },
  });
  const { caller, id } = await finishedExecution(simulator);
  const url = (await caller.downloadUrls(id)).json.downloadUrls[0] as string;
  const statuses = async () => [
    (await requestToken(simulator)).status,
    (await caller.create({ sqlQuery: TOTALS })).status,
    (await caller.get(id)).status,
    (await caller.call('POST', '/avc/workflowexecutions/list', { workflowId: 'w' })).status,
    (await caller.downloadUrls(id)).status,
    (await request(url)).status,
  ];
  expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200]);
  simulator.clock.advanceTo(Date.parse('2026-02-01T07:00:00Z'));
  expect(await statuses()).toEqual([503, 503, 503, 503, 503, 503]);
  simulator.clock.advanceTo(Date.parse('2026-02-01T09:59:59Z'));
  expect((await requestToken(simulator)).status).toBe(503);
  simulator.clock.advanceTo(Date.parse('2026-02-01T10:00:00Z'));
  expect((await requestToken(simulator)).status).toBe(200);
});

test.each([200, 302, 403, 404])('somebody else answers with a page: %i', async (status) => {
  const simulator = await withRule({ fault: { kind: 'foreign_page', status } });
  const { caller, id } = await finishedExecution(simulator);
  const answer = await caller.call('GET', `/avc/workflowexecutions/${id}`).catch(() => undefined);
  // fetch follows the redirect, to a page that the simulator has not.
  expect(answer?.status).toBe(status === 302 ? 404 : status);
  if (status !== 302) {
    expect(answer?.text).toMatch(/^<html>/);
    expect(answer?.headers.get('x-amzn-requestid')).toBeNull();
  }
});
