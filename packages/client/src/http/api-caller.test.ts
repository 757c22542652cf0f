import { describe, expect, it } from 'vitest';

import { ClientFixture, SECRETS, START_MS } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const running = json(200, { workflowExecutionId: 'e1', status: 'RUNNING' });

describe('retries', () => {
  it('waits as long as Retry-After says, in seconds or until a date, up to the cap', async () => {
    const date = new Date(START_MS + 62_000).toUTCString();
    fixture.server.script(
      json(429, {}, { 'retry-after': '30' }),
      json(429, {}, { 'retry-after': date }),
      json(503, {}, { 'retry-after': '86400' }),
      running,
    );
    await fixture.account().getExecution('e1');
    // Behind what was asked for comes jitter, of at most 2 s.
    expect(fixture.clock.sleptMs).toStrictEqual([31_000, 33_000, 302_000]);
  });

  it('tries 5xx, broken connections and bodies that are no JSON again', async () => {
    fixture.server.script(
      json(500, {}),
      json(504, { message: 'Endpoint request timed out' }),
      reset,
      (response) => response.end('<html>'),
      running,
    );
    expect(await fixture.account().getExecution('e1')).toMatchObject({ status: 'RUNNING' });
    expect(fixture.server.calls).toHaveLength(5);
  });

  it('gives up when the budget is spent, with the request id', async () => {
    fixture.server.script(json(503, { message: 'Busy' }, { 'x-amzn-RequestId': 'r-1' }));
    const call = fixture.account({ retry: { maxAttempts: 3 } }).getExecution('e1');
    await expect(call).rejects.toMatchObject({
      code: 'service_unavailable',
      action: 'retriable',
      status: 503,
      requestId: 'r-1',
      message:
        'GET /avc/workflowexecutions/e1 for DE:dsp:1234 was answered 503: Busy. Try again later',
    });
    expect(fixture.server.calls).toHaveLength(3);
  });

  it.each([400, 406, 415, 422])('never tries %i again', async (status) => {
    fixture.server.script(
      json(status, { code: String(status), details: 'sqlQuery is wrong' }, { 'x-amz-rid': 'r-2' }),
    );
    await expect(fixture.account().getExecution('e1')).rejects.toMatchObject({
      code: 'request_refused',
      action: 'skippable',
      requestId: 'r-2',
      message: `GET /avc/workflowexecutions/e1 for DE:dsp:1234 was answered ${status}: sqlQuery is wrong. Correct the request before sending it again`,
    });
    expect(fixture.server.calls).toHaveLength(1);
  });

  it('says that a server is not there, without waiting for ever', async () => {
    const account = fixture.account({ apiUrl: 'http://127.0.0.1:1', retry: { maxAttempts: 2 } });
    await expect(account.getExecution('e1')).rejects.toMatchObject({
      code: 'connection',
      mayHaveSucceeded: false,
      message: expect.stringMatching(
        /^GET http:\/\/127.0.0.1:1\/avc\/workflowexecutions\/e1 got no whole answer: /,
      ),
    });
  });

  it('ends at once when aborted, in a request or in a wait', async () => {
    fixture.server.script(() => {});
    const controller = new AbortController();
    const call = fixture.account().getExecution('e1', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stop')), 20);
    await expect(call).rejects.toThrow('stop');
    fixture.server.script(json(503, {}));
    const late = fixture.account().getExecution('e1', { signal: AbortSignal.timeout(20) });
    await expect(late).rejects.toThrow(/timeout|time/);
  });
});

describe('access', () => {
  it('takes a new token on 401 once, and tries once more', async () => {
    fixture.server.script(json(401, { message: 'Unauthorized' }), running);
    expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
    expect(fixture.server.requests.map(({ headers }) => headers.authorization)).toStrictEqual([
      undefined,
      'Bearer Atza|token-1',
      undefined,
      'Bearer Atza|token-2',
    ]);
  });

  it.each([401, 403])('reports %i as no access to the account', async (status) => {
    fixture.server.script(json(status, { message: 'Unauthorized' }));
    await expect(fixture.account().getExecution('e1')).rejects.toMatchObject({
      code: 'access_denied',
      action: 'skippable',
      message: `GET /avc/workflowexecutions/e1 for DE:dsp:1234 was answered ${status}: Unauthorized. Check that the credentials are those of a user with access to DE:dsp:1234 in Amazon Ads`,
    });
  });

  it('says of the credentials only what was seen', async () => {
    const client = fixture.client();
    const [first, second] = ['1', '2'].map((advertiserId) =>
      client.account({ kind: 'dsp', marketplace: 'DE', advertiserId }),
    );
    fixture.server.script(running, json(403, { message: 'No' }));
    await first?.getExecution('e1');
    await expect(second?.getExecution('e1')).rejects.toThrow(
      /403: No\. The credentials are good for DE:dsp:1; give their user access to DE:dsp:2 in Amazon Ads$/,
    );
    await expect(first?.getExecution('e1')).rejects.toThrow(
      /403: No\. The same credentials had access to DE:dsp:1 before; give it back to their user in Amazon Ads$/,
    );
  });

  it.each([2, 3, 4])('takes %i refusals of a good token in a row for nothing', async (times) => {
    const refused = Array.from({ length: times }, () => json(401, { message: 'Unauthorized' }));
    fixture.server.script(...refused, running);
    expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
    // One new token is enough to know that it was not the token.
    expect(fixture.server.tokenRequests).toHaveLength(2);
    expect(fixture.clock.sleptMs).toHaveLength(times - 1);
  });

  it.each([401, 403])('knows an account from one execution that is refused: %i', async (status) => {
    fixture.server.script((response, request) =>
      (/\/e1\b/.test(request.url)
        ? json(status, { message: 'Unauthorized' })
        : json(404, { code: '404', details: 'Not found' }))(response, request),
    );
    const account = fixture.account();
    const denied = {
      code: 'execution_denied',
      action: 'retriable',
      unreachable: false,
      status,
      message: expect.stringMatching(
        /^The API serves the account, but not execution e1 of it: .* was answered 40[13]: Unauthorized/,
      ),
    };
    await expect(account.getExecution('e1')).rejects.toMatchObject(denied);
    await expect(account.downloadUrls('e1')).rejects.toMatchObject(denied);
    const { directory } = fixture;
    await expect(account.download('e1', { directory })).rejects.toMatchObject(denied);
  });

  it('does not know the account where nobody can be asked', async () => {
    fixture.server.script((response, request) =>
      (/\/e1\b/.test(request.url) ? json(403, { message: 'No' }) : json(503, {}))(
        response,
        request,
      ),
    );
    await expect(fixture.account().getExecution('e1')).rejects.toMatchObject({
      code: 'service_unavailable',
      unreachable: true,
    });
  });

  it('takes a new token on 403 only when the old one is nearly as old as tokens get', async () => {
    const account = fixture.account();
    fixture.server.script(running, json(403, {}), running);
    await account.getExecution('e1');
    await fixture.clock.sleep(56 * 60_000);
    await account.getExecution('e1');
    expect(fixture.server.tokenRequests).toHaveLength(2);
  });

  it('sends the headers of a DSP advertiser, or those of a sponsored ads entity', async () => {
    fixture.server.script(running);
    await fixture.account().getExecution('e1');
    const entity = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;
    await fixture.client().account(entity).getExecution('e1');
    const other = 'Amazon-Advertising-API-Entity-Id';
    await fixture.client({ entityHeader: other }).account(entity).getExecution('e1');
    const named = fixture.server.requests
      .filter(({ method }) => method === 'GET')
      .map(({ headers }) =>
        Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('amazon-'))),
      );
    const client = { 'amazon-advertising-api-clientid': SECRETS.clientId };
    const uk = { ...client, 'amazon-advertising-api-marketplaceid': 'A1F83G8C2ARO7P' };
    expect(named).toStrictEqual([
      {
        ...client,
        'amazon-advertising-api-marketplaceid': 'A1PA6795UKMFR9',
        'amazon-advertising-advertiser-id': '1234',
      },
      { ...uk, 'amazon-advertising-api-entityid': 'ENTITY1' },
      { ...uk, 'amazon-advertising-api-entity-id': 'ENTITY1' },
    ]);
  });
});

describe('secrets', () => {
  it('appear in no error and no log line', async () => {
    const echo = {
      message: `token Atza|token-1, secret ${SECRETS.clientSecret}, Atzr|refresh-hush`,
    };
    fixture.server.script(json(503, echo), json(400, echo));
    const error = await fixture
      .account()
      .getExecution('e1')
      .catch((caught: unknown) => caught);
    const printed = `${(error as Error).stack} ${JSON.stringify(error)} ${JSON.stringify(fixture.log)}`;
    expect(printed).toContain('[redacted]');
    expect(printed).not.toMatch(/token-1|hush/);
  });
});
