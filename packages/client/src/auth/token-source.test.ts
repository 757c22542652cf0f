import { describe, expect, it } from 'vitest';

import { ClientFixture, SECRETS, sqlRequest } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const html =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Blocked</html>');
const running = json(200, { workflowExecutionId: 'e1', status: 'RUNNING' });

describe('access tokens', () => {
  it('are fetched once however many ask, over all accounts', async () => {
    fixture.server.script(running);
    const client = fixture.client();
    const accounts = ['1', '2', '3'].map((advertiserId) =>
      client.account({ kind: 'dsp', marketplace: 'DE', advertiserId }),
    );
    await Promise.all([...accounts, ...accounts].map((account) => account.getExecution('e1')));
    expect(fixture.server.tokenRequests).toHaveLength(1);
    expect(fixture.server.tokenRequests[0]?.body).toBe(
      new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: SECRETS.refreshToken,
        client_id: SECRETS.clientId,
        client_secret: SECRETS.clientSecret,
      }).toString(),
    );
  });

  it('are kept until a minute before they expire', async () => {
    fixture.server.script(running);
    const account = fixture.account();
    await account.getExecution('e1');
    await fixture.clock.sleep(58 * 60_000);
    await account.getExecution('e1');
    expect(fixture.server.tokenRequests).toHaveLength(1);
    await fixture.clock.sleep(61_000);
    await account.getExecution('e1');
    expect(fixture.server.tokenRequests).toHaveLength(2);
  });

  it('are renewed once when several calls are refused together', async () => {
    fixture.server.script((response, request) => {
      const isOld = request.headers.authorization === 'Bearer Atza|token-1';
      return isOld ? json(401, {})(response, request) : running(response, request);
    });
    const account = fixture.account();
    await Promise.all(['a', 'b', 'c', 'd'].map((id) => account.getExecution(id)));
    expect(fixture.server.tokenRequests).toHaveLength(2);
  });

  it('outlive the caller that asked first', async () => {
    fixture.server.script(running);
    fixture.server.tokenAnswers.push(async (response, request) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await json(200, { access_token: 'Atza|slow', expires_in: 3_600 })(response, request);
    });
    const account = fixture.account();
    const first = account.getExecution('e1', { signal: AbortSignal.timeout(20) });
    const second = account.getExecution('e1');
    await expect(first).rejects.toThrow(/timeout/);
    expect(await second).toMatchObject({ id: 'e1' });
    expect(fixture.server.tokenRequests).toHaveLength(1);
  });

  it('are asked for again after 429, 5xx and a broken connection', async () => {
    fixture.server.script(running);
    fixture.server.tokenAnswers.push(json(429, {}), json(500, { error: 'ServerError' }), reset);
    expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
    expect(fixture.server.tokenRequests).toHaveLength(4);
  });
});

describe('a server that asks to be left alone', () => {
  it('is asked again no sooner than it allows, for tokens too', async () => {
    const date = new Date(fixture.clock.now() + 120_000).toUTCString();
    fixture.server.script(running);
    fixture.server.tokenAnswers.push(
      json(429, {}, { 'retry-after': '60' }),
      json(503, {}, { 'retry-after': date }),
      json(429, {}, { 'retry-after': '86400' }),
    );
    await fixture.account().getExecution('e1');
    // Behind what was asked for comes jitter of at most 2 s; a day is cut to five minutes.
    expect(fixture.clock.sleptMs).toStrictEqual([61_000, 61_000, 302_000]);
  });
});

describe('a token that cannot be had', () => {
  it.each([
    ['broken', reset, /^Login with Amazon could not be asked: POST .* got no whole answer/],
    ['unavailable', json(503, {}), /^Login with Amazon answered 503. Try again later$/],
    [
      'a proxy’s 403',
      html(403),
      /^Login with Amazon could not be asked: the answer was 403, but not/,
    ],
    ['a redirect', html(302), /^Login with Amazon could not be asked: the answer was 302, but not/],
    [
      'another 400',
      json(400, { error: { code: 1 } }),
      /was 400, but not in its form. Check tokenUrl/,
    ],
    ['a login page', html(200), /^Login with Amazon answered 200 without an access_token/],
    ['no grant', json(200, {}), /^Login with Amazon answered 200 without an access_token/],
  ])('%s means that a create was certainly not sent', async (_, answer, message) => {
    fixture.server.tokenAnswers.push(answer, answer);
    const account = fixture.account({ retry: { maxAttempts: 2 } });
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      action: 'retriable',
      mayHaveSucceeded: false,
      message: expect.stringMatching(message),
    });
    expect(fixture.server.calls).toStrictEqual([]);
    expect(fixture.server.tokenRequests).toHaveLength(2);
  });
});

describe('refused credentials', () => {
  it.each([
    [
      400,
      { error: 'invalid_grant', error_description: `refresh_token ${SECRETS.refreshToken}` },
      'Login with Amazon refused the credentials (400 invalid_grant): the refresh token, or the code, is wrong, revoked or expired. Consent again; consents given since July 2026 end after 365 days',
    ],
    [
      401,
      { error: 'invalid_client', error_description: 'Client authentication failed' },
      'Login with Amazon refused the credentials (401 invalid_client): the client id and the client secret do not belong together. Copy both again from the security profile',
    ],
    [
      400,
      { error: 'invalid_scope' },
      'Login with Amazon refused the credentials (400 invalid_scope). Check client id, client secret and refresh token',
    ],
  ])('%i %o are fatal, say what to do and are not tried again', async (status, body, message) => {
    fixture.server.tokenAnswers.push(json(status, body, { 'x-amzn-RequestId': 'r-3' }));
    await expect(fixture.account().getExecution('e1')).rejects.toMatchObject({
      code: 'credentials_refused',
      action: 'fatal',
      requestId: 'r-3',
      message,
    });
    expect(fixture.server.tokenRequests).toHaveLength(1);
  });
});
