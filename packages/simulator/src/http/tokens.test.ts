import { expect, test } from 'vitest';
import { request, requestToken } from '../testing/api-caller.ts';
import { startTestSimulator } from '../testing/simulators.ts';

const BACK = 'https://example.com/back';

async function consent(options: Parameters<typeof startTestSimulator>[0] = {}) {
  const simulator = await startTestSimulator(options);
  const query = new URLSearchParams({
    client_id: simulator.credentials.clientId,
    scope: 'advertising::campaign_management',
    response_type: 'code',
    redirect_uri: BACK,
    state: 'x y',
  });
  const answer = await request(`${simulator.url}/ap/oa?${query.toString()}`, {
    redirect: 'manual',
  });
  return { simulator, target: new URL(answer.headers.get('location') ?? '') };
}

const exchange = (simulator: Parameters<typeof requestToken>[0], code: string, back = BACK) =>
  requestToken(simulator, { grant_type: 'authorization_code', code, redirect_uri: back });

test('a consent leads back with a code, which is good once', async () => {
  const { simulator, target } = await consent();
  expect(`${target.origin}${target.pathname}`).toBe(BACK);
  expect(target.searchParams.get('state')).toBe('x y');
  const code = target.searchParams.get('code') ?? '';
  const elsewhere = await exchange(simulator, code, 'https://example.com/other');
  expect([elsewhere.status, elsewhere.json.error]).toEqual([400, 'invalid_grant']);
  const granted = await exchange(simulator, code);
  expect(granted.json.refresh_token).toBe(simulator.credentials.refreshToken);
  const again = await exchange(simulator, code);
  expect([again.status, again.json.error_description]).toEqual([
    400,
    'The request has an invalid parameter : code',
  ]);
});

test('a user who refuses is led back without a code', async () => {
  const { target } = await consent({ consent: 'refused' });
  expect([target.searchParams.get('error'), target.searchParams.get('code')]).toEqual([
    'access_denied',
    null,
  ]);
  expect(target.searchParams.get('state')).toBe('x y');
});

test('a code is good for five minutes', async () => {
  const { simulator, target } = await consent();
  simulator.clock.advanceTo(simulator.clock.now() + 5 * 60_000);
  expect((await exchange(simulator, target.searchParams.get('code') ?? '')).status).toBe(400);
});

test('a consent may expire, and be given again', async () => {
  const simulator = await startTestSimulator({ refreshTokenTtlSeconds: 365 * 86_400 });
  simulator.clock.advanceTo(simulator.clock.now() + 365 * 86_400_000);
  expect((await requestToken(simulator)).json.error).toBe('invalid_grant');
  const { clientId } = simulator.credentials;
  const page = `${simulator.url}/ap/oa?client_id=${clientId}&redirect_uri=${encodeURIComponent(BACK)}`;
  const answer = await request(page, { redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  await exchange(simulator, code);
  expect((await requestToken(simulator)).status).toBe(200);
});

test('requests and queries are measured', async () => {
  const simulator = await startTestSimulator();
  await requestToken(simulator);
  const measured = (await request(`${simulator.url}/_simulator/measurements`)).json;
  expect(measured.requests['POST /auth/o2/token'].count).toBe(1);
  expect(measured.queries).toEqual({ compiled: 0, compileMs: 0, run: 0, runMs: 0 });
});
