import { describe, expect, it } from 'vitest';

import { ClientFixture, sqlRequest } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const CREATE = 'POST /avc/workflowexecutions';
const LIST = 'POST /avc/workflowexecutions/list';
const execution = (id: string, workflowId = 'w1') => ({
  workflowExecutionId: id,
  workflowId,
  status: 'PENDING',
});
const created = json(200, { workflowExecution: execution('e1') });
const listed = (...entries: object[]) => json(200, { executions: entries });

/** Answers by path, so that a test need not know how often each is asked. */
function route(answers: { create: Answer[]; list?: Answer }): void {
  const creates = [...answers.create];
  fixture.server.script((response, request) => {
    if (`${request.method} ${request.url}` === CREATE) {
      return (creates.length > 1 ? creates.shift() : creates[0])?.(response, request);
    }
    return (answers.list ?? json(404, { message: 'Not found' }))(response, request);
  });
}

const count = (call: string) => fixture.server.calls.filter((each) => each === call).length;

describe('a create whose answer is lost', () => {
  it.each<[string, Answer]>([
    ['the connection broke', reset],
    ['the gateway timed out', json(504, { message: 'Endpoint request timed out' })],
    ['the API failed', json(500, {})],
    ['the body was cut', (response) => response.end('{"workflowExecution":{"workf')],
    ['the body had no id', json(200, {})],
  ])('is found by its workflowId and not sent again: %s', async (_, lost) => {
    route({ create: [lost, created], list: listed(execution('other', 'w0'), execution('e7')) });
    expect(await fixture.account().createExecution(sqlRequest())).toMatchObject({ id: 'e7' });
    expect(count(CREATE)).toBe(1);
  });

  it('is sent again once the list has shown that it is not there', async () => {
    route({ create: [reset, json(502, {}), created], list: listed() });
    expect(await fixture.account().createExecution(sqlRequest())).toMatchObject({ id: 'e1' });
    expect(count(CREATE)).toBe(3);
    expect(count(LIST)).toBe(6);
  });

  it('is found when it shows up late', async () => {
    let asked = 0;
    const late: Answer = (response, request) => {
      asked += 1;
      return (asked < 3 ? listed() : listed(execution('e7')))(response, request);
    };
    route({ create: [reset, created], list: late });
    expect(await fixture.account().createExecution(sqlRequest())).toMatchObject({ id: 'e7' });
    expect(count(CREATE)).toBe(1);
  });

  it('is an orphan that the caller is told of when there is no list', async () => {
    route({ create: [json(504, {}, { 'x-amzn-RequestId': 'r-9' }), created] });
    await expect(fixture.account().createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
      action: 'skippable',
      workflowId: 'w1',
      requestId: 'r-9',
      message: expect.stringMatching(
        /^Whether workflow w1 runs for DE:dsp:1234 is unknown: .* and it cannot be looked up: No list of executions for DE:dsp:1234.* An orphan may hold a slot until it ends; ask again under another workflowId later$/,
      ),
    });
    expect(count(CREATE)).toBe(1);
  });

  it('is an orphan too when the list leaves out workflowIds', async () => {
    route({ create: [reset, created], list: listed({ workflowExecutionId: 'e7' }) });
    await expect(fixture.account().createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
      message: expect.stringContaining('the list leaves out workflowIds'),
    });
    expect(count(CREATE)).toBe(1);
  });

  it('is an orphan when the list itself fails for good', async () => {
    route({ create: [reset, created], list: json(503, {}) });
    await expect(fixture.account().createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
    });
    expect(count(CREATE)).toBe(1);
  });
});

describe('a create that certainly had no effect', () => {
  it('is sent again after 429 without looking it up', async () => {
    route({ create: [json(429, {}), created] });
    expect(await fixture.account().createExecution(sqlRequest())).toMatchObject({ id: 'e1' });
    expect(fixture.server.calls).toStrictEqual([CREATE, CREATE]);
  });

  it('is refused for good by other 4xx, and its slot is free again', async () => {
    route({ create: [json(422, { details: 'Unknown column' }), created] });
    const account = fixture.account({ maxActiveExecutions: 1 });
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'request_refused',
    });
    expect(await account.createExecution(sqlRequest('w2'))).toMatchObject({ id: 'e1' });
  });
});

describe('a create at the limit of active executions', () => {
  const text =
    'You have reached your execution limit of 5 workflowExecutions that are in PENDING or RUNNING status. Try again after one or some of your execution completes.';

  it.each([
    [402, { message: 'Payment Required' }],
    [402, { details: text }],
    [422, { code: '422', details: text }],
    [400, { details: text }],
    [429, { message: text }],
  ])('waits and tries again after %i %o, as often as it takes', async (status, body) => {
    const full = json(status, body);
    route({ create: [full, full, full, full, full, full, full, full, full, created] });
    expect(await fixture.account().createExecution(sqlRequest())).toMatchObject({ id: 'e1' });
    expect(count(CREATE)).toBe(10);
  });

  it('gives up at the deadline', async () => {
    route({ create: [json(402, {})] });
    const account = fixture.account({ capacityTimeoutMs: 600_000 });
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'capacity',
      action: 'retriable',
      message:
        'No slot of DE:dsp:1234 came free in time: 0 of 5 are held by executions of this program, and the API says that the limit is reached. Try again later, or raise capacityTimeoutMs',
    });
  });
});

describe('before a create', () => {
  it('sends nothing while the API’s clock is more than five minutes off', async () => {
    const ahead = new Date(fixture.clock.now() + 600_000).toUTCString();
    fixture.server.script(json(200, execution('e0'), { date: ahead }));
    const client = fixture.client();
    const account = client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1' });
    await account.getExecution('e0');
    const skew = { code: 'clock_skew', action: 'fatal' };
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject(skew);
    expect(() => client.apiTimeMs()).toThrow(/more than five minutes apart/);
    expect(fixture.server.calls).toHaveLength(1);
  });

  it('warns when the API echoes another window', async () => {
    const timeWindow = { start: '2026-01-30T00:00:00Z', end: '2026-01-31T00:00:00Z' };
    fixture.server.script(json(200, { workflowExecution: { ...execution('e1'), timeWindow } }));
    await fixture.account().createExecution(sqlRequest());
    expect(fixture.log.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        level: 'warn',
        message: 'the API says that it uses another time window than was asked for',
        fields: { execution_id: 'e1' },
      },
    ]);
  });
});
