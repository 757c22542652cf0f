import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { ClientOptions } from '../client-options.ts';
import { ClientFixture } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

/** One part at `/part`, whose GETs are answered in turn, the last way for ever. */
function servePart(...answers: readonly Answer[]): void {
  const left = [...answers];
  fixture.server.script((response, request) => {
    if (request.url.includes('/downloadUrls')) {
      const url = `${fixture.server.url}/part?X-Amz-Signature=hush`;
      return json(200, { downloadUrls: [url] })(response, request);
    }
    return (left.length > 1 ? left.shift() : left[0])?.(response, request);
  });
}

const download = (options: Partial<ClientOptions> = {}) =>
  fixture
    .account({ retry: { maxAttempts: 2 }, ...options })
    .download('e1', { directory: path.join(fixture.directory, 'x') });

const filesLeft = () => readdir(path.join(fixture.directory, 'x'));

/** A body that goes on for as long as anybody listens. */
const endless =
  (bytes: number, everyMs: number): Answer =>
  (response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(bytes, 'x')), everyMs);
    response.on('close', () => clearInterval(timer));
  };

const redirect =
  (location: string): Answer =>
  (response) =>
    response.writeHead(307, { location }).end();

const whole: Answer = (response) => response.end('a\n1\n');

describe('a download ends', () => {
  it('where bytes trickle, in so many tries', async () => {
    servePart(endless(1, 20));
    await expect(download({ requestTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringMatching(
        /^The result of execution e1 could not be downloaded in 2 tries: storage sent \d bytes in 0.1 s, too few to go on. /,
      ),
    });
    expect(await filesLeft()).toStrictEqual([]);
  });

  it('and begins again where they only trickled once', async () => {
    servePart(endless(1, 20), whole);
    expect((await download({ requestTimeoutMs: 100 })).files).toHaveLength(1);
  });

  it('not where they come slowly, but steadily', async () => {
    servePart((response) => {
      let left = 8;
      const timer = setInterval(() => {
        response.write(Buffer.alloc(30_000, 'x'));
        left -= 1;
        if (left === 0) response.end(() => clearInterval(timer));
      }, 40);
    });
    expect((await download({ requestTimeoutMs: 200 })).files[0]?.bytes).toBe(240_000);
  });

  it.each<[string, Answer]>([
    ['a body without end', endless(100_000, 5)],
    ['a refusal that trickles', (...call) => endless(1, 20)(call[0].writeHead(403), call[1])],
    [
      'a redirect that trickles',
      (...call) => endless(1, 20)(call[0].writeHead(307, { location: '/part' }), call[1]),
    ],
    ['no answer at all', () => {}],
  ])('after its whole time: %s', async (_, answer) => {
    servePart(answer);
    await expect(download({ downloadTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'download_failed',
      action: 'retriable',
      message:
        'The result of execution e1 did not arrive within 0.3 s; raise downloadTimeoutMs (in a configuration: download_timeout) or ask for fewer dimensions. The execution stays valid; download it again later',
    });
    expect(await filesLeft()).toStrictEqual([]);
  });

  it('at its largest size', async () => {
    servePart(endless(100_000, 1));
    await expect(download({ maxDownloadBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'download_too_large',
    });
    expect(await filesLeft()).toStrictEqual([]);
  });
});

describe('a redirect', () => {
  it.each([
    ['http://[', 'storage redirects to "http://[", which is no URL'],
    ['http://a b/c?X-Amz-Signature=hush', 'storage redirects to "http://a b/c…", which is no URL'],
    ['ftp://h/a', 'storage redirects to a URL of "ftp:", which is not fetched'],
    [
      'http://u:hush@127.0.0.1/a',
      'storage redirects to a URL of http://127.0.0.1 with a user or password in it, which are not sent',
    ],
    ['/part', 'storage redirects more than 3 times'],
  ])('to %s fails its slice only', async (location, reason) => {
    servePart(redirect(location));
    const error = await download().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'download_failed',
      message: `The result of execution e1 could not be downloaded in 2 tries: ${reason}. The execution stays valid; download it again later`,
    });
    expect(`${String(error)} ${JSON.stringify(fixture.log)}`).not.toContain('hush');
  });

  it('is followed three times, relative or not', async () => {
    servePart(redirect('/one'), redirect('two'), redirect(`${fixture.server.url}/three`), whole);
    expect((await download()).files).toHaveLength(1);
    expect(fixture.server.calls.slice(-3)).toStrictEqual(['GET /one', 'GET /two', 'GET /three']);
  });
});
