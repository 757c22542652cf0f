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
    fixture.server.script(json(200, { executions: [entry('a')], nextToken: 'x' }));
    await expect(idsOf()).rejects.toThrow(
      'The list of executions of DE:dsp:1234 does not end: a page comes again, after 2 pages with 1 executions. What else it has is unknown; report this to Amazon',
    );
    expect(fixture.server.calls).toHaveLength(2);
  });
});

/** Answers page after page; `page` says what the one of that number has. */
const endless = (page: (number: number) => object) => {
  let asked = 0;
  fixture.server.script((response, request) => {
    asked += 1;
    return json(200, page(asked))(response, request);
  });
};
const listed = async () => {
  const ids: string[] = [];
  try {
    for await (const { id } of fixture.account().listExecutions({ workflowId: 'w1' })) ids.push(id);
  } catch (error) {
    return { ids, error };
  }
  return { ids };
};

describe('a list that does not end', () => {
  it('ends at a number of pages, and gives what it has', async () => {
    endless((number) => ({ executions: [entry(`e${number}`)], nextToken: `t${number}` }));
    const { ids, error } = await listed();
    expect(ids).toHaveLength(1_000);
    expect(error).toMatchObject({
      code: 'response_malformed',
      unreachable: false,
      message: expect.stringContaining('does not end: it has more than 1000 pages'),
    });
  });

  it('ends at a number of executions', async () => {
    endless((number) => ({
      executions: Array.from({ length: 10_000 }, (_, index) => entry(`e${number}-${index}`)),
      nextToken: `t${number}`,
    }));
    const { ids, error } = await listed();
    expect(ids).toHaveLength(50_000);
    expect(error).toMatchObject({ message: expect.stringContaining('more than 50000 executions') });
  });

  it('ends at a token that goes in circles, or that nobody could send back', async () => {
    endless((number) => ({ executions: [entry(`e${number}`)], nextToken: `t${number % 3}` }));
    expect(await listed()).toMatchObject({
      ids: ['e1', 'e2', 'e3', 'e4'],
      error: { message: expect.stringContaining('a page comes again') },
    });
    endless(() => ({ executions: [], nextToken: 't'.repeat(10_000) }));
    expect(await listed()).toMatchObject({
      error: { message: expect.stringContaining('a nextToken has 10000 characters') },
    });
  });

  it('gives no execution twice', async () => {
    endless((number) => ({
      executions: [entry('a'), entry(`e${number}`)],
      nextToken: number < 3 ? `t${number}` : null,
    }));
    expect(await listed()).toStrictEqual({ ids: ['a', 'e1', 'e2', 'e3'] });
  });
});

describe('an entry of a list', () => {
  it('has what the API gives, and nothing is guessed', async () => {
    fixture.server.script(
      json(200, { executions: [{ workflowExecutionId: 'e1', status: 'SUCCEEDED' }] }),
    );
    const [execution] = await Array.fromAsync(
      fixture.account().listExecutions({ minCreationTimeMs: 0 }),
    );
    expect(execution).toMatchObject({
      id: 'e1',
      workflowId: null,
      createTimeMs: null,
      lastUpdatedTimeMs: null,
      expireTimeMs: null,
      window: null,
      reason: null,
    });
  });
});

describe('a list of which a part cannot be read', () => {
  it.each<[string, object]>([
    ['an entry without an id', { executions: [entry('a'), { status: 'RUNNING' }, entry('b')] }],
    ['an entry that is none', { executions: [entry('a'), null, entry('b')] }],
    ['a token that is none', { executions: [entry('a'), entry('b')], nextToken: { x: 1 } }],
  ])('gives the rest and says so: %s', async (_, page) => {
    fixture.server.script(json(200, page));
    const { ids, error } = await listed();
    expect(ids).toStrictEqual(['a', 'b']);
    expect(error).toMatchObject({
      code: 'response_malformed',
      message:
        'The list of executions of DE:dsp:1234 has 1 entries or tokens that cannot be read beside 2 executions. What they are is unknown; report this to Amazon',
    });
  });

  it('follows a token that is a number', async () => {
    endless((number) => ({
      executions: [entry(`e${number}`)],
      nextToken: number < 3 ? number : null,
    }));
    expect(await listed()).toStrictEqual({ ids: ['e1', 'e2', 'e3'] });
  });
});

describe('an endpoint that refuses', () => {
  it('is passed over where another one has the list', async () => {
    fixture.server.script((response, request) =>
      (request.method === 'POST'
        ? json(403, { message: 'Missing Authentication Token' })
        : json(200, { executions: [entry('a')] }))(response, request),
    );
    expect(await idsOf()).toStrictEqual(['a']);
  });

  it('is none, and says nothing about the account, where all do', async () => {
    fixture.server.script(json(403, { message: 'Missing Authentication Token' }));
    await expect(idsOf()).rejects.toMatchObject({ code: 'list_unavailable' });
  });

  it('is believed once it has listed', async () => {
    fixture.server.script(
      json(200, { executions: [entry('a')], nextToken: 't' }),
      json(403, { message: 'User is not authorized' }),
    );
    await expect(idsOf()).rejects.toMatchObject({ code: 'access_denied' });
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
