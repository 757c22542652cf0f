import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import type { LookupFunction } from 'node:net';

import { generate } from 'selfsigned';
import { Agent, EnvHttpProxyAgent } from 'undici';
import { describe, expect, it } from 'vitest';

import type { ClientOptions } from '../client-options.ts';
import type { ConnectionError } from '../errors/connection-error.ts';
import { ClientFixture, sqlRequest } from '../testing/client-fixture.ts';
import { listening } from '../testing/listening.ts';
import { ProxyServer } from '../testing/proxy-server.ts';
import { json } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

/** The API behind a proxy, tokens without one. */
const apiBehind = (host: string) => ({
  apiUrl: 'https://api.example',
  dispatcher: new EnvHttpProxyAgent({ httpsProxy: `http://${host}`, noProxy: '127.0.0.1' }),
});

/** How a create fails, what the API was asked, and what was logged of a lost answer. */
async function failedCreate(options: Partial<ClientOptions>): Promise<object> {
  const account = fixture.account({ retry: { maxAttempts: 2 }, ...options });
  const error = await account.createExecution(sqlRequest()).catch((caught: unknown) => caught);
  const { code, action, mayHaveSucceeded, unreachable } = error as ConnectionError;
  await options.dispatcher?.close();
  const warnings = fixture.log.filter(({ level }) => level === 'warn');
  return { code, action, mayHaveSucceeded, unreachable, warnings, calls: fixture.server.calls };
}

const NOT_SENT = {
  code: 'connection',
  action: 'retriable',
  mayHaveSucceeded: false,
  unreachable: true,
  warnings: [],
  calls: [],
};

describe('a create of which nothing went out', () => {
  it('because nobody listens', async () => {
    expect(await failedCreate({ apiUrl: 'http://127.0.0.1:1' })).toStrictEqual(NOT_SENT);
    expect(await failedCreate({ apiUrl: 'http://localhost:1' })).toStrictEqual(NOT_SENT);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('because the name gives %s', async (code) => {
    const lookup: LookupFunction = (_, __, done) => {
      done(Object.assign(new Error(`getaddrinfo ${code} api.example`), { code }), '');
    };
    expect(
      await failedCreate({
        apiUrl: 'http://api.example',
        tokenUrl: fixture.server.tokenUrl,
        dispatcher: new Agent({ connect: { lookup } }),
      }),
    ).toStrictEqual(NOT_SENT);
  });

  it('because the certificate is not trusted', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
    await using server = await listening(createHttpsServer({ key, cert }));
    expect(await failedCreate({ apiUrl: `https://${server.host}` })).toStrictEqual(NOT_SENT);
  });

  it('because the TLS handshake is broken off', async () => {
    await using server = await listening(
      createServer((socket) => socket.once('data', () => socket.destroy())),
    );
    expect(await failedCreate({ apiUrl: `https://${server.host}` })).toStrictEqual(NOT_SENT);
  });

  it('because the server speaks no TLS', async () => {
    expect(
      await failedCreate({ apiUrl: fixture.server.url.replace('http:', 'https:') }),
    ).toStrictEqual(NOT_SENT);
  });

  it('because the handshake takes too long', async () => {
    await using server = await listening(createServer());
    expect(
      await failedCreate({ apiUrl: `https://${server.host}`, requestTimeoutMs: 300 }),
    ).toStrictEqual(NOT_SENT);
  });

  it.each([403, 407, 502, 503])('because the proxy answers the tunnel %i', async (refuseWith) => {
    const proxy = await ProxyServer.start({ refuseWith });
    expect(await failedCreate(apiBehind(proxy.host))).toStrictEqual(NOT_SENT);
    await proxy.close();
  });

  it('because the proxy will not forward it', async () => {
    const proxy = await ProxyServer.start({ refuseWith: 407 });
    const httpProxy = `http://${proxy.host}`;
    const dispatcher = new EnvHttpProxyAgent({ httpProxy, noProxy: '127.0.0.1' });
    const options = { apiUrl: 'http://api.example', dispatcher };
    expect(await failedCreate(options)).toStrictEqual(NOT_SENT);
    expect(proxy.forwarded).toHaveLength(2);
    await proxy.close();
  });

  it('because the proxy breaks off, or is not there', async () => {
    await using server = await listening(
      createServer((socket) => socket.once('data', () => socket.destroy())),
    );
    expect(await failedCreate(apiBehind(server.host))).toStrictEqual(NOT_SENT);
    expect(await failedCreate(apiBehind('127.0.0.1:1'))).toStrictEqual(NOT_SENT);
  });

  it('because it was aborted before: the reason of the abort, and no request', async () => {
    const reason = new Error('stop');
    const create = fixture
      .account()
      .createExecution(sqlRequest(), { signal: AbortSignal.abort(reason) });
    await expect(create).rejects.toBe(reason);
    expect(fixture.server.requests).toStrictEqual([]);
  });
});

describe('a create of which something may have gone out', () => {
  it('is looked up when the connection breaks under it', async () => {
    await using server = await listening(
      createServer((socket) => socket.once('data', () => socket.destroy())),
    );
    const account = fixture.account({ apiUrl: `http://${server.host}`, retry: { maxAttempts: 1 } });
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
      unreachable: true,
    });
  });

  it('is looked up behind 5xx, and never behind 429', async () => {
    const account = fixture.account({ retry: { maxAttempts: 1 } });
    fixture.server.script(json(503, {}));
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
    });
    fixture.server.script(json(429, {}));
    await expect(account.createExecution(sqlRequest('w2'))).rejects.toMatchObject({
      code: 'service_unavailable',
      mayHaveSucceeded: false,
      unreachable: true,
    });
  });
});
