import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock, LogFields } from '@traffic-events/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from './alert.ts';
import { sendAlert } from './send-alert.ts';

const NOW = Date.parse('2026-01-31T06:00:00Z');
const ALERT: Alert = {
  event: 'missed',
  id: 'missed:1',
  text: 'Lost:\ndsp_clicks DE:dsp:1 2026-01-01',
  details: { slices: [] },
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
/** What the next requests are answered; 204 where nothing is left. */
const answers: ((response: ServerResponse) => void)[] = [];
const server = createServer((request, response) => void receive(request, response));
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  received.push({ headers: request.headers, body: await text(request) });
  const answer = answers.shift() ?? ((each) => each.writeHead(204).end());
  answer(response);
}
let url: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/hidden-word`;
});
afterAll(() => server.close());

const log: { readonly event: string; readonly fields: LogFields }[] = [];
const slept: number[] = [];
const clock: Clock = {
  now: () => NOW,
  sleep: async (ms) => void slept.push(ms),
};
beforeEach(() => {
  for (const list of [received, answers, log, slept]) list.length = 0;
});

const note = (fields: LogFields, event: string) => void log.push({ event, fields });
const logger = { debug: note, info: note, warn: note, error: note };
const send = (webhook: object = {}, signal = new AbortController().signal) =>
  sendAlert({ url, ...webhook }, ALERT, { clock, logger, signal });
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end('no');

describe('an alert', () => {
  test('arrives as JSON with all there is to tell', async () => {
    await send();
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { ...ALERT, title: 'Lost', time: '2026-01-31T06:00:00.000Z' },
    ]);
    expect(log).toEqual([
      { event: 'alert.sent', fields: expect.objectContaining({ alert: 'missed' }) },
    ]);
  });

  test('is signed so that its receiver can tell who sent it, and when', async () => {
    await send({ secret: '0123456789abcdef' });
    const [first] = received;
    const seconds = NOW / 1000;
    const digest = createHmac('sha256', '0123456789abcdef')
      .update(`${seconds}.${first?.body}`)
      .digest('hex');
    expect(first?.headers['traffic-events-signature']).toBe(`t=${seconds},v1=${digest}`);
  });

  test('is sent again where that may help, no sooner than is asked for', async () => {
    const until = {
      'retry-after': 'Sat, 31 Jan 2026 06:00:45 GMT',
      date: new Date(NOW).toUTCString(),
    };
    answers.push(status(503, until), status(429, { 'retry-after': '30' }), (response) =>
      response.destroy(),
    );
    await send();
    expect(received).toHaveLength(4);
    for (const [index, askedMs] of [45_000, 30_000].entries()) {
      expect(slept[index]).toBeGreaterThanOrEqual(askedMs);
      expect(slept[index]).toBeLessThanOrEqual(askedMs + 10_000);
    }
    expect(log.at(-1)?.event).toBe('alert.sent');
  });

  test.each([404, 400, 302])('is not sent again where it was answered %i', async (code) => {
    answers.push(status(code, { location: url }));
    await send();
    expect(received).toHaveLength(1);
    expect(log).toEqual([
      {
        event: 'alert.failed',
        fields: expect.objectContaining({ reason: `it was answered ${code}`, tries: 1 }),
      },
    ]);
  });

  test('that never arrives is told in the log, without the secret in its address', async () => {
    answers.push(...Array.from({ length: 4 }, () => status(500)));
    await send({ secret: '0123456789abcdef' });
    expect(received).toHaveLength(4);
    expect(log.at(-1)?.event).toBe('alert.failed');
    expect(JSON.stringify(log)).not.toMatch(/hidden-word|0123456789abcdef/);
  });

  test('is tried once by a program that was asked to stop', async () => {
    answers.push(status(503));
    await send({}, AbortSignal.abort());
    expect([received.length, slept]).toEqual([1, []]);
  });
});
