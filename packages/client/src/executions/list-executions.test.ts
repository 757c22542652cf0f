import { describe, expect, it } from 'vitest';

import type { ClientOptions } from '../client-options.ts';
import type { ListFilter } from './list-executions.ts';
import { ClientFixture } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const entry = (id: string, workflowId = 'w1') => ({ workflowExecutionId: id, workflowId });

async function idsOf(
  options: Partial<ClientOptions> = {},
  filter: ListFilter = { workflowId: 'w1' },
): Promise<string[]> {
  const ids = [];
  for await (const { id } of fixture.account(options).listExecutions(filter)) ids.push(id);
  return ids;
}

describe('listExecutions', () => {
  it('reads every page, empty ones with a token too, and sends the filter', async () => {
    fixture.server.script(
      json(200, { executions: [entry('a')], nextToken: '1' }),
      json(200, { executions: [], nextToken: '2' }),
      json(200, { executions: [entry('b')], nextToken: null }),
    );
    const filter = { workflowId: 'w1', minCreationTimeMs: Date.UTC(2026, 0, 1) };
    expect(await idsOf({}, filter)).toStrictEqual(['a', 'b']);
    const sent = { workflowId: 'w1', minCreationTime: '2026-01-01T00:00:00' };
    const bodies = fixture.server.requests.slice(1).map(({ body }) => JSON.parse(body) as unknown);
    expect(bodies).toStrictEqual([sent, { ...sent, nextToken: '1' }, { ...sent, nextToken: '2' }]);
  });

  it.each([
    ['executions', { executions: [entry('a')] }],
    ['workflowExecutions', { workflowExecutions: [entry('a')] }],
    ['a bare array', [entry('a')]],
    ['nested entries', { executions: [{ workflowExecution: entry('a') }] }],
  ])('reads a list under %s', async (_, body) => {
    fixture.server.script(json(200, body));
    expect(await idsOf()).toStrictEqual(['a']);
  });

  it('tries the configured path, then POST list, then GET, and stays with what works', async () => {
    fixture.server.script((response, request) =>
      request.method === 'GET'
        ? json(200, { executions: [entry('a')] })(response, request)
        : json(request.url?.endsWith('list') ? 404 : 400, {})(response, request),
    );
    const path = '/avc/workflowexecutions/{uuid}';
    const account = fixture.account({ listEndpoint: { method: 'POST', path } });
    for (let round = 0; round < 2; round += 1) {
      await Array.fromAsync(account.listExecutions({ workflowId: 'w1' }));
    }
    const get = 'GET /avc/workflowexecutions?workflowId=w1';
    expect(fixture.server.calls).toStrictEqual([
      expect.stringMatching(/^POST \/avc\/workflowexecutions\/[0-9a-f-]{36}$/),
      'POST /avc/workflowexecutions/list',
      get,
      get,
    ]);
  });

  it('leaves out what the API should have filtered', async () => {
    const createTime = '2025-12-31T23:59:59Z';
    fixture.server.script(
      json(200, { executions: [entry('a', 'w2'), { ...entry('b'), createTime }, entry('c')] }),
    );
    const filter = { workflowId: 'w1', minCreationTimeMs: Date.UTC(2026, 0, 1) };
    expect(await idsOf({}, filter)).toStrictEqual(['c']);
  });

  it('says so when no endpoint answers with a list, and never POSTs to the create path', async () => {
    fixture.server.script(json(200, { workflowExecution: entry('a') }));
    await expect(idsOf()).rejects.toMatchObject({
      code: 'list_unavailable',
      action: 'skippable',
      message:
        'No list of executions for DE:dsp:1234: tried POST /avc/workflowexecutions/list, GET /avc/workflowexecutions. Set listEndpoint if there is another',
    });
    expect(fixture.server.calls).not.toContain('POST /avc/workflowexecutions');
    const path = '/avc/WorkflowExecutions/';
    expect(() => fixture.account({ listEndpoint: { method: 'POST', path } })).toThrow(
      'listEndpoint is POST /avc/WorkflowExecutions/, which creates an execution; use another path or GET',
    );
  });

  it('needs a filter, and does not follow a token in circles', async () => {
    await expect(idsOf({}, {})).rejects.toThrow(
      'listExecutions needs a workflowId or a minCreationTimeMs; the API demands one of them',
    );
    fixture.server.script(json(200, { executions: [], nextToken: 'x' }));
    await expect(idsOf()).rejects.toThrow('The API repeats a page of its list');
  });
});

describe('cancelExecution', () => {
  it('asks for CANCELLED and reads back what became of it', async () => {
    fixture.server.script(json(200, {}), json(200, { ...entry('e1'), status: 'CANCELLED' }));
    expect(await fixture.account().cancelExecution('e1')).toMatchObject({ state: 'failed' });
    expect(fixture.server.calls).toStrictEqual([
      'PUT /avc/workflowexecutions/e1',
      'GET /avc/workflowexecutions/e1',
    ]);
    expect(fixture.server.requests[1]?.body).toBe('{"status":"CANCELLED"}');
  });
});
