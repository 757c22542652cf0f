import { describe, expect, it } from 'vitest';

import { ClientFixture, sqlRequest } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

/** Begins well and then sends on and on, as fast as it is read. */
const flood =
  (status: number, start: string, sent: { bytes: number }): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const piece = 'x'.repeat(65_536);
    const pump = () => {
      while (!response.destroyed && response.write(piece)) sent.bytes += piece.length;
      response.once('drain', pump);
    };
    response.write(start);
    pump();
  };

/** Sends a byte now and then, and has no end. */
const trickle: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 10);
  response.once('close', () => clearInterval(timer));
};

describe('an answer without end', () => {
  it('is read up to a bound where it is a success', async () => {
    const sent = { bytes: 0 };
    fixture.server.script(flood(200, '{"workflowExecutionId":"', sent));
    const account = fixture.account({ retry: { maxAttempts: 1 } });
    await expect(account.getExecution('e1')).rejects.toMatchObject({
      code: 'response_malformed',
      unreachable: false,
      message:
        'GET /avc/workflowexecutions/e1 for DE:dsp:1234 was answered with more than 16777216 characters, which is the most that is read of an answer. Report this with the request id',
    });
    expect(sent.bytes).toBeLessThan(40_000_000);
  });

  it('is read as far as it is printed where it is a refusal', async () => {
    const sent = { bytes: 0 };
    fixture.server.script(flood(503, 'Busy ', sent));
    const account = fixture.account({ retry: { maxAttempts: 1 } });
    await expect(account.getExecution('e1')).rejects.toMatchObject({
      code: 'service_unavailable',
      message: expect.stringMatching(
        /^.{40,120}was answered 503: Busy x{300,}… \(\d+ characters\)/,
      ),
    });
    expect(sent.bytes).toBeLessThan(16_000_000);
  });

  it('leaves the outcome of a create unknown', async () => {
    fixture.server.script(flood(200, '{', { bytes: 0 }), json(404, {}));
    const account = fixture.account({ retry: { maxAttempts: 1 } });
    await expect(account.createExecution(sqlRequest())).rejects.toMatchObject({
      code: 'create_outcome_unknown',
    });
  });

  it('is given up after a time, however often a byte comes', async () => {
    fixture.server.script(trickle);
    const account = fixture.account({ answerTimeoutMs: 200, retry: { maxAttempts: 1 } });
    await expect(account.getExecution('e1')).rejects.toMatchObject({
      code: 'connection',
      unreachable: true,
      message: expect.stringMatching(
        /got no whole answer: it took longer than 0\.2 s \(answerTimeoutMs\)$/,
      ),
    });
  });
});

describe('an answer of Login with Amazon without end', () => {
  it.each([
    ['a grant', 200],
    ['a refusal', 400],
    ['an outage', 500],
  ])('is read up to a bound: %s', async (_, status) => {
    const sent = { bytes: 0 };
    fixture.server.tokenAnswers.push(flood(status, '{"access_token":"', sent));
    const account = fixture.account({ retry: { maxAttempts: 1 } });
    await expect(account.getExecution('e1')).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(sent.bytes).toBeLessThan(16_000_000);
  });

  it('is given up after a time', async () => {
    fixture.server.tokenAnswers.push(trickle);
    const account = fixture.account({ answerTimeoutMs: 200, retry: { maxAttempts: 1 } });
    await expect(account.getExecution('e1')).rejects.toThrow(
      /^Login with Amazon could not be asked: .* it took longer than 0\.2 s \(answerTimeoutMs\)$/,
    );
  });
});
