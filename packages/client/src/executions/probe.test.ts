import { describe, expect, it } from 'vitest';

import { ClientFixture, execution404 } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const text = (status: number, body: string): Answer => {
  return (response) => response.writeHead(status, { 'content-type': 'text/html' }).end(body);
};
const amazon = { 'x-amzn-RequestId': 'r-1' };
/** Answers as the API does where the path names an execution, and a list elsewhere. */
const withList =
  (get: Answer, list: Answer): Answer =>
  (response, request) =>
    (request.url.endsWith('/list') ? list : get)(response, request);

const probe = (answer: Answer) => {
  fixture.server.script(answer);
  return fixture.account({ retry: { maxAttempts: 2 } }).probe();
};

describe('probe', () => {
  it.each<[string, Answer]>([
    ['code and details', json(404, { code: '404', details: 'Not found' })],
    ['a gateway’s message that names the execution', execution404(amazon)],
    [
      'a list behind a 404 that could be anybody’s',
      withList(json(404, { message: 'Not Found' }), json(200, { executions: [] })),
    ],
  ])('is content with %s', async (_, answer) => {
    await expect(probe(answer)).resolves.toBeUndefined();
  });

  it.each<[string, Answer, string]>([
    ['404 without a body', text(404, ''), 'service_unavailable'],
    ['404 of a web server', text(404, '<html>Not Found</html>'), 'service_unavailable'],
    ['404 of a JSON server', json(404, { message: 'Not Found' }), 'service_unavailable'],
    ['404 that names the path', execution404({}), 'service_unavailable'],
    ['404 with a number', json(404, { code: 404, error: 'nope' }), 'service_unavailable'],
    [
      '404 with Amazon’s header',
      json(404, { message: 'Not Found' }, amazon),
      'service_unavailable',
    ],
    ['404, and a bare list', withList(json(404, {}), json(200, [])), 'service_unavailable'],
    ['400', json(400, { code: '400', details: 'Bad request' }), 'request_refused'],
    ['400 of a web server', text(400, '<html>'), 'service_unavailable'],
    ['403', json(403, { message: 'User is not authorized' }), 'access_denied'],
    ['403 of a proxy', text(403, '<html>Blocked by policy'), 'service_unavailable'],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: '/login' }).end(),
      'service_unavailable',
    ],
    ['200 with HTML', text(200, '<html>Welcome</html>'), 'response_malformed'],
    ['200 with any JSON', json(200, { ok: true }), 'response_malformed'],
    ['200 with an execution', json(200, { workflowExecutionId: 'e1' }), 'response_malformed'],
    ['503', text(503, 'Busy'), 'service_unavailable'],
    ['nothing', reset, 'connection'],
  ])('is not content with %s', async (_, answer, code) => {
    await expect(probe(answer)).rejects.toMatchObject({ code });
    expect(fixture.server.calls).not.toContain('POST /avc/workflowexecutions');
  });

  it('is not content with a clock that is off', async () => {
    const date = new Date(fixture.clock.now() + 600_000).toUTCString();
    const answer = json(404, { code: '404', details: 'Not found' }, { date });
    await expect(probe(answer)).rejects.toMatchObject({ code: 'clock_skew' });
  });

  it('says what was answered and where to look', async () => {
    await expect(probe(text(404, '<h1>nginx</h1>'))).rejects.toThrow(
      /^GET \/avc\/workflowexecutions\/[0-9a-f-]{36} for DE:dsp:1234 was answered 404, but not in the API's form: "<h1>nginx<\/h1>"\. Something else stands at http:\/\/127\.0\.0\.1:\d+, or in between: check the API's URL and the proxy$/,
    );
  });
});

describe('an answer that is not in the API’s form', () => {
  it.each([301, 400, 401, 403, 404, 405, 422])(
    'does not refuse for the API: %i',
    async (status) => {
      fixture.server.script(
        text(status, '<html>Blocked</html>'),
        json(200, { workflowExecutionId: 'e1' }),
      );
      expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
      expect(fixture.server.tokenRequests).toHaveLength(1);
    },
  );

  it('does not tell the time for the API', async () => {
    const date = new Date(fixture.clock.now() + 86_400_000).toUTCString();
    fixture.server.script((response) => response.writeHead(200, { date }).end('<html>'));
    const client = fixture.client({ retry: { maxAttempts: 1 } });
    const account = client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1' });
    await expect(account.getExecution('e1')).rejects.toMatchObject({ unreachable: true });
    expect(client.apiTimeMs()).toBe(fixture.clock.now());
  });

  it('does not end a list where another endpoint has one', async () => {
    fixture.server.script((response, request) =>
      request.method === 'POST'
        ? text(404, '<html>')(response, request)
        : json(200, { executions: [{ workflowExecutionId: 'e1' }] })(response, request),
    );
    const listed = fixture.account().listExecutions({ workflowId: 'w1' });
    expect((await Array.fromAsync(listed)).map(({ id }) => id)).toStrictEqual(['e1']);
  });
});
