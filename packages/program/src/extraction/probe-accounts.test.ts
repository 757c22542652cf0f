import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountKey, silentLogger, systemClock } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { expect, onTestFinished, test } from 'vitest';

import { EXIT } from '../exit/exit-code.ts';
import { openClient } from './open-client.ts';
import { probeAccounts } from './probe-accounts.ts';

const PATIENCE_MS = 300;
const accounts = Array.from({ length: 50 }, (_, index): Account => ({
  kind: 'dsp',
  marketplace: 'DE',
  advertiserId: String(1000 + index),
}));
const keys = accounts.map(accountKey);
const isToken = (url: string | undefined) => url?.startsWith('/auth/o2/token') === true;

/** Asks a server about all accounts. */
async function probe(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { client_id: 'id', client_secret: 'secret', refresh_token: 'token' };
  const client = openClient(
    credentials,
    { api_url: url, token_url: `${url}/auth/o2/token`, max_active_executions: 5 },
    {
      program: 'test',
      version: '1',
      clock: systemClock,
      logger: silentLogger,
      maxOutageMs: PATIENCE_MS,
    },
  );
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return probeAccounts(client, accounts, new AbortController().signal);
}

const json = (status: number, body: object) => [status, JSON.stringify(body)] as const;
const TOKEN = json(200, { access_token: 'a', token_type: 'bearer', expires_in: 3600 });

test('accounts are asked a few at a time, and answered for in their order', async () => {
  let [now, most] = [0, 0];
  const probes = await probe(async ({ url, method }, response) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(5);
    now -= 1;
    const [status, body] = isToken(url)
      ? TOKEN
      : method === 'GET'
        ? json(404, {})
        : json(200, { executions: [] });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  expect(probes).toEqual(keys.map((accountId) => ({ accountId, reason: null, code: EXIT.done })));
  expect(most).toBe(5);
});

test('a server that answers nobody is waited for once, and not by every account', async () => {
  const asked = new Set<unknown>();
  const beganMs = performance.now();
  const probes = await probe(({ url, headers }, response) => {
    if (isToken(url)) {
      response.writeHead(TOKEN[0], { 'content-type': 'application/json' }).end(TOKEN[1]);
      return;
    }
    asked.add(headers['amazon-advertising-advertiser-id']);
    response.writeHead(503).end();
  });
  expect(performance.now() - beganMs).toBeLessThan(10 * PATIENCE_MS);
  expect(asked.size).toBeLessThanOrEqual(10);
  expect(probes.map(({ accountId }) => accountId)).toEqual(keys);
  for (const { code, reason } of probes) {
    expect([code, reason]).toEqual([EXIT.service, expect.stringContaining('503')]);
  }
  expect(probes.at(-1)?.reason).toMatch(/^it was not asked, as DE:dsp:1\d{3} was asked in vain: /);
});

test('credentials that are refused are shown once', async () => {
  let refused = 0;
  const probes = await probe((_, response) => {
    refused += 1;
    const [status, body] = json(400, { error: 'invalid_grant', error_description: 'revoked' });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  expect(new Set(probes.map(({ code }) => code))).toEqual(new Set([EXIT.credentials]));
  expect(refused).toBe(1);
});
