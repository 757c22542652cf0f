import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { ClientFixture } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

/** Serves URLs for as many parts as there are, and for each GET of a part its next answer. */
function serve(parts: readonly (readonly Answer[])[], urls?: Answer): void {
  const left = parts.map((answers) => [...answers]);
  let asked = 0;
  fixture.server.script((response, request) => {
    if (request.url?.includes('/downloadUrls')) {
      asked += 1;
      const list = parts.map(
        (_, index) => `${fixture.server.url}/part/${index}?X-Amz-Signature=${asked}`,
      );
      return (urls ?? json(200, { downloadUrls: list, nextToken: null }))(response, request);
    }
    const part = left[Number(/part\/(\d+)/.exec(request.url ?? '')?.[1])] ?? [];
    return (part.length > 1 ? part.shift() : part[0])?.(response, request);
  });
}

const unannounced: Answer = (response) => response.end('a\n12345678\n');

const bytes =
  (content: string | Buffer): Answer =>
  (response) => {
    response.setHeader('content-length', Buffer.byteLength(content));
    response.end(content);
  };

const cutShort: Answer = (response) => {
  response.setHeader('content-length', 1_000);
  response.write('campaign,impressions\nhalf');
  setTimeout(() => response.socket?.destroy(), 10);
};

const refused: Answer = (response) => {
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
};

const download = (options: { maxBytes?: number } = {}) =>
  fixture.account().download('e1', { directory: path.join(fixture.directory, 'x'), ...options });

const part = (index: number) => `${fixture.server.url}/part/${index}`;

const filesLeft = () => readdir(path.join(fixture.directory, 'x'));

describe('download', () => {
  it('fetches every part as delivered, with hash, and without the Authorization header', async () => {
    const parts = ['a\n1\n', gzipSync('a\n2\n'), ''];
    serve(parts.map((part) => [bytes(part)]));
    const { files } = await download();
    expect(files.map(({ path: file }) => path.basename(file))).toStrictEqual([
      'e1.1.csv',
      'e1.2.csv',
      'e1.3.csv',
    ]);
    for (const [index, file] of files.entries()) {
      const content = Buffer.from(parts[index] ?? '');
      expect(await readFile(file.path)).toStrictEqual(content);
      expect(file.bytes).toBe(content.length);
      expect(file.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    }
    const signed = fixture.server.requests.filter(({ url }) => url.startsWith('/part/'));
    expect(signed).toHaveLength(3);
    for (const { headers } of signed) expect(headers.authorization).toBeUndefined();
  });

  it.each([
    ['downloadUrls', (url: string) => ({ downloadUrls: [url], metadataDownloadUrls: [`${url}m`] })],
    ['objects', (url: string) => ({ downloadUrls: [{ url }] })],
    ['downloadUrl', (url: string) => ({ downloadUrl: url })],
    ['urls', (url: string) => ({ urls: [url] })],
  ])('reads URLs given as %s', async (_, body) => {
    serve([[bytes('a\n')]], (response, request) =>
      json(200, body(`${fixture.server.url}/part/0`))(response, request),
    );
    expect((await download()).files).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['expired', refused],
    ['refused', (response) => response.writeHead(400).end()],
    ['cut short', cutShort],
    ['broken', reset],
    ['answered 503', (response) => response.writeHead(503).end()],
  ])('asks for fresh URLs when one is %s, and begins that part again', async (_, fault) => {
    serve([[bytes('a\n1\n')], [fault, bytes('a\n2\n')]]);
    const { files } = await download();
    expect(await readFile(files[1]!.path, 'utf8')).toBe('a\n2\n');
    expect(await filesLeft()).toStrictEqual(['e1.1.csv', 'e1.2.csv']);
    expect(fixture.server.calls).toStrictEqual([
      'GET /avc/workflowexecutions/e1/downloadUrls',
      'GET /part/0?X-Amz-Signature=1',
      'GET /part/1?X-Amz-Signature=1',
      'GET /avc/workflowexecutions/e1/downloadUrls',
      'GET /part/1?X-Amz-Signature=2',
    ]);
  });

  it('leaves nothing behind when it fails for good, and does not print the signature', async () => {
    serve([[bytes('a\n1\n')], [refused]]);
    const error = await download().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'download_failed',
      action: 'retriable',
      message:
        'The result of execution e1 could not be downloaded in 7 tries: storage answered 403: <Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>. The execution stays valid; download it again later',
    });
    expect(await filesLeft()).toStrictEqual([]);
    expect(JSON.stringify(fixture.log)).not.toContain('X-Amz-Signature');
  });

  it('waits while the URLs are not there yet', async () => {
    let asked = 0;
    serve([[bytes('a\n')]], (response, request) => {
      asked += 1;
      if (asked < 3) return json(404, { message: 'download URL is not found' })(response, request);
      return json(200, { downloadUrls: [`${fixture.server.url}/part/0`] })(response, request);
    });
    expect((await download()).files).toHaveLength(1);
  });

  it('tells a result without files from one without rows, having asked three times', async () => {
    serve([], json(200, { downloadUrls: [] }));
    expect(await download()).toStrictEqual({
      files: [],
      statedRows: [],
      doubts: [],
      mayLack: [],
    });
    expect(fixture.server.calls).toHaveLength(3);
  });

  it.each([
    ['once: it then has them', 1, []],
    ['always: it may lack some', Infinity, [expect.stringContaining('some may be missing')]],
  ])('asks again for a list of which a page has no files, %s', async (_, often, mayLack) => {
    let pages = 0;
    serve([[bytes('a\n')], [bytes('a\n')]], (response, request) => {
      const isSecond = request.url.includes('nextToken');
      if (isSecond) pages += 1;
      const isMissing = isSecond && pages <= often;
      const body = { downloadUrls: isMissing ? [] : [part(isSecond ? 1 : 0)] };
      return json(200, isSecond ? body : { ...body, nextToken: 't' })(response, request);
    });
    const result = await download();
    expect(result).toMatchObject({ doubts: [], mayLack });
    expect(result.files).toHaveLength(mayLack.length === 0 ? 2 : 1);
    expect(pages).toBe(mayLack.length === 0 ? 2 : 3);
  });

  it('begins anew when the number of parts changes', async () => {
    let asked = 0;
    serve([[bytes('a\n0\n')], [reset, bytes('a\n1\n')], [bytes('a\n2\n')]], (response, request) => {
      asked += 1;
      const urls = asked === 1 ? [part(0), part(1)] : [part(2)];
      return json(200, { downloadUrls: urls })(response, request);
    });
    const { files } = await download();
    expect(files).toHaveLength(1);
    expect(await readFile(files[0]!.path, 'utf8')).toBe('a\n2\n');
    expect(await filesLeft()).toStrictEqual(['e1.1.csv']);
  });

  it('follows redirects without credentials', async () => {
    serve([[(response) => response.writeHead(307, { location: '/part/1' }).end()], [bytes('a\n')]]);
    expect((await download()).files).toHaveLength(2);
    for (const { url, headers } of fixture.server.requests) {
      if (url.startsWith('/part')) expect(headers.authorization).toBeUndefined();
    }
  });

  it.each([
    ['announced', bytes('a\n12345678\n')],
    ['not announced', unannounced],
  ])('refuses more bytes than allowed, %s', async (_, answer) => {
    serve([[answer]]);
    await expect(download({ maxBytes: 5 })).rejects.toMatchObject({
      code: 'download_too_large',
      action: 'skippable',
      message: expect.stringMatching(
        /e1.1.csv has 11 bytes or more where 5 are left; raise maxDownloadBytes \(in a configuration: max_download_bytes\)/,
      ),
    });
    expect(await filesLeft()).toStrictEqual([]);
  });

  it('ends with the reason of an abort and leaves nothing behind', async () => {
    const controller = new AbortController();
    serve([
      [bytes('a\n')],
      [
        (response) => {
          response.write('a\n');
          setTimeout(() => controller.abort(new Error('stop')), 20);
        },
      ],
    ]);
    const directory = path.join(fixture.directory, 'x');
    await expect(
      fixture.account().download('e1', { directory, signal: controller.signal }),
    ).rejects.toThrow('stop');
    expect(await filesLeft()).toStrictEqual([]);
  });
});
