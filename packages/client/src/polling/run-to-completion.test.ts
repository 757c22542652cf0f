import { describe, expect, it } from 'vitest';

import { ClientFixture, sqlRequest, START_MS } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

/** An execution that ends after a time on the fixture's clock. */
function lasting(durationMs: number, end = 'SUCCEEDED', fields: object = {}): Answer {
  let createdMs = 0;
  return (response, request) => {
    if (request.method === 'POST') createdMs = fixture.clock.now();
    const done = fixture.clock.now() >= createdMs + durationMs;
    const execution = {
      workflowExecutionId: 'e1',
      status: done ? end : 'RUNNING',
      createTime: new Date(createdMs).toISOString(),
      ...(done ? fields : {}),
    };
    return json(200, { workflowExecution: execution })(response, request);
  };
}

describe('runToCompletion', () => {
  it('returns the execution once it has ended, whatever its status, with progress on the way', async () => {
    fixture.server.script(lasting(100_000, 'REJECTED', { statusReason: 'unknown column x' }));
    const account = fixture.account();
    const events: string[] = [];
    const ended = await account.runToCompletion(await account.createExecution(sqlRequest()), {
      onProgress: ({ execution, polls }) => events.push(`${polls} ${execution.status}`),
    });
    expect(ended).toMatchObject({
      state: 'failed',
      status: 'REJECTED',
      reason: 'unknown column x',
    });
    expect(events.at(0)).toBe('1 RUNNING');
    expect(events.at(-1)).toBe(`${events.length} REJECTED`);
    expect(fixture.clock.now() - START_MS).toBeLessThanOrEqual(130_000);
  });

  it('polls on through statuses that nobody knows, with one warning', async () => {
    const statuses = ['WAITING_FOR_CAPACITY', 'WAITING_FOR_CAPACITY', 'PUBLISHING', 'SUCCEEDED'];
    fixture.server.script(
      ...['PENDING', ...statuses].map((status) => json(200, { workflowExecutionId: 'e1', status })),
    );
    const account = fixture.account();
    const ended = await account.runToCompletion(await account.createExecution(sqlRequest()));
    expect(ended.state).toBe('succeeded');
    expect(fixture.log.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { status: 'WAITING_FOR_CAPACITY' } },
    ]);
  });

  it('learns how long executions of a key take', async () => {
    const polls: number[] = [];
    const account = fixture.account();
    for (let index = 0; index < 12; index += 1) {
      fixture.server.script(lasting(600_000 + index));
      const created = await account.createExecution(sqlRequest());
      let last = 0;
      await account.runToCompletion(created, {
        durationKey: 'dsp_clicks',
        onProgress: (event) => {
          last = event.polls;
        },
      });
      polls.push(last);
    }
    expect(polls[0]).toBeGreaterThan(12);
    expect(polls.at(-1)).toBeLessThan(8);
  });

  it('asks at once about an execution that may have ended long ago', async () => {
    fixture.server.script(json(200, { workflowExecutionId: 'e1', status: 'SUCCEEDED' }));
    await fixture.account().runToCompletion({
      id: 'e1',
      workflowId: 'w1',
      status: 'RUNNING',
      state: 'active',
      createTimeMs: START_MS - 3_600_000,
      lastUpdatedTimeMs: null,
      expireTimeMs: null,
      reason: null,
      dataGaps: [],
      window: null,
      apiTimeMs: null,
    });
    expect(fixture.clock.now()).toBe(START_MS);
  });

  it('stops at the deadline and says that the slot stays taken', async () => {
    fixture.server.script(lasting(Infinity));
    const account = fixture.account();
    const created = await account.createExecution(sqlRequest());
    const deadlineMs = START_MS + 600_000;
    await expect(account.runToCompletion(created, { deadlineMs })).rejects.toMatchObject({
      code: 'execution_deadline',
      action: 'retriable',
      message:
        'Execution e1 of DE:dsp:1234 is still RUNNING at the deadline 2026-02-01T06:10:00.000Z; it keeps its slot until it ends. Ask for it again later',
    });
    expect(fixture.clock.now()).toBe(deadlineMs);
  });

  it('ends with the reason of an abort', async () => {
    fixture.server.script(lasting(Infinity));
    const account = fixture.account();
    const created = await account.createExecution(sqlRequest());
    const controller = new AbortController();
    const waiting = account.runToCompletion(created, {
      signal: controller.signal,
      onProgress: ({ polls }) => {
        if (polls === 3) controller.abort(new Error('stop'));
      },
    });
    await expect(waiting).rejects.toThrow('stop');
  });

  it('frees the slot when the API says that the execution has ended, or that there is none', async () => {
    const account = fixture.account({ maxActiveExecutions: 1, capacityTimeoutMs: 0 });
    fixture.server.script(lasting(1_000));
    const created = await account.createExecution(sqlRequest('w1'));
    await expect(account.createExecution(sqlRequest('w2'))).rejects.toMatchObject({
      code: 'capacity',
    });
    await account.runToCompletion(created);
    await account.createExecution(sqlRequest('w3'));
    fixture.server.script(json(404, {}), lasting(1_000));
    await expect(account.getExecution('e1')).rejects.toMatchObject({ code: 'execution_not_found' });
    expect(await account.createExecution(sqlRequest('w4'))).toMatchObject({ id: 'e1' });
  });
});
