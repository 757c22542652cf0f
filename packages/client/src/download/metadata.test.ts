import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

import { ClientFixture } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';
import type { Answer } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const at = (name: string) => `${fixture.server.url}/${name}?X-Amz-Signature=hush`;

/** A result with or without a file, and metadata files that are answered in turn. */
function serve(files: readonly string[], ...metadata: readonly (readonly Answer[])[]): void {
  const left = metadata.map((answers) => [...answers]);
  fixture.server.script((response, request) => {
    if (request.url.includes('/downloadUrls')) {
      const metadataDownloadUrls = metadata.map((_, index) => at(`metadata/${index}`));
      return json(200, { downloadUrls: files.map(at), metadataDownloadUrls })(response, request);
    }
    const number = /metadata\/(\d+)/.exec(request.url)?.[1];
    if (number === undefined) return response.end('a\n1\n');
    const answers = left[Number(number)] ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0])?.(response, request);
  });
}

async function download() {
  const directory = path.join(fixture.directory, 'x');
  const { files, statedRows } = await fixture.account().download('e1', { directory });
  return { files: files.length, statedRows, left: await readdir(directory) };
}

it('tells the rows that metadata states, and leaves no metadata behind', async () => {
  serve(['part'], [json(200, { rowCount: 1 })], [json(200, {})], [json(200, { rows: 2 })]);
  expect(await download()).toStrictEqual({ files: 1, statedRows: [1, 2], left: ['e1.1.csv'] });
});

it('tells so of a result without files', async () => {
  serve([], [json(200, { rowCount: 0 })]);
  expect(await download()).toStrictEqual({ files: 0, statedRows: [0], left: [] });
});

it('asks again for metadata that could not be had, and keeps the parts meanwhile', async () => {
  serve(['part'], [reset, json(200, { rowCount: 1 })]);
  expect(await download()).toMatchObject({ files: 1, statedRows: [1] });
  expect(fixture.server.calls.filter((call) => call.startsWith('GET /part'))).toHaveLength(1);
});

it.each<[string, Answer]>([
  ['refused', (response) => response.writeHead(403).end('<Error/>')],
  ['larger than any', (response) => response.end(Buffer.alloc(2_000_000, ' '))],
  ['no JSON', (response) => response.end('\u0000')],
])('does without metadata that is %s', async (_, answer) => {
  serve(['part'], [answer]);
  expect(await download()).toStrictEqual({ files: 1, statedRows: [], left: ['e1.1.csv'] });
});

it('takes what several metadata files state together or not at all', async () => {
  serve(['part'], [json(200, { rowCount: 1 })], [(response) => response.writeHead(403).end()]);
  expect(await download()).toMatchObject({ files: 1, statedRows: [] });
  serve(['part'], ...Array.from({ length: 21 }, () => [json(200, { rowCount: 1 })]));
  expect(await download()).toMatchObject({ files: 1, statedRows: [] });
});
