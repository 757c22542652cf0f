import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startTestSimulator } from '../testing/simulators.ts';

/** A request with any Host and Origin, as a browser sends them for the pages it has open. */
function statusOf(
  url: string,
  options: { method: string; path: string; headers: Record<string, string>; body?: string },
): Promise<number> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, ...options }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}

const advance = { method: 'POST', path: '/_simulator/clock', body: '{"advance_seconds": 60}' };
const PAGES = ['/', '/_simulator/clock', '/_simulator/executions', '/_simulator/behaviour'];

test('the clock moves for this machine alone', async () => {
  const simulator = await startTestSimulator();
  const { port } = new URL(simulator.url);
  const before = simulator.clock.now();
  const post = (headers: Record<string, string>) =>
    statusOf(simulator.url, { ...advance, headers });
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '10.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ]) {
    expect([host, await post({ host })]).toEqual([host, 403]);
  }
  for (const origin of [
    'http://evil.example',
    'null',
    `http://127.0.0.1`,
    `https://127.0.0.1:${port}`,
  ]) {
    expect([origin, await post({ host: `127.0.0.1:${port}`, origin })]).toEqual([origin, 403]);
  }
  expect(simulator.clock.now()).toBe(before);
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    'simulator.localhost',
  ]) {
    expect([host, await post({ host })]).toEqual([host, 200]);
    expect([host, await post({ host, origin: `http://${host}` })]).toEqual([host, 200]);
  }
});

test('its pages are read on this machine alone', async () => {
  const simulator = await startTestSimulator();
  for (const path of PAGES) {
    const get = (headers: Record<string, string>) =>
      statusOf(simulator.url, { method: 'GET', path, headers });
    expect([path, await get({ host: 'evil.example' })]).toEqual([path, 403]);
    expect([path, await get({ host: 'localhost' })]).toEqual([path, 200]);
  }
});

test.each([1e300, 1e12, -1, Number.NaN])(
  'the clock takes no %d seconds, and runs on',
  async (seconds) => {
    const simulator = await startTestSimulator();
    const before = simulator.clock.now();
    const answer = await fetch(`${simulator.url}/_simulator/clock`, {
      method: 'POST',
      body: JSON.stringify({ advance_seconds: seconds }),
    });
    expect(answer.status).toBe(400);
    expect(simulator.clock.now()).toBe(before);
  },
);

test('the clock goes to the year 2200 and no further, by steps as well', async () => {
  const simulator = await startTestSimulator();
  const post = async (body: object) => {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${simulator.url}/_simulator/clock`, init);
    return [answer.status, await answer.text()] as const;
  };
  expect((await post({ to: '2199-12-31T00:00:00Z' }))[0]).toBe(200);
  const refused = [
    400,
    expect.stringContaining('the clock goes to 2200-01-01T00:00:00.000Z at most'),
  ];
  expect(await post({ advance_seconds: 86_401 })).toEqual(refused);
  expect(await post({ to: '9999-12-31T00:00:00Z' })).toEqual(refused);
  expect((await post({ advance_seconds: 86_400 }))[0]).toBe(200);
  expect(() => simulator.clock.advanceTo(Infinity)).toThrow(RangeError);
  expect(new Date(simulator.clock.now()).toISOString()).toBe('2200-01-01T00:00:00.000Z');
});
