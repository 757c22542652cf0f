import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { ClientFixture, SECRETS, sqlRequest } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';
import type { CapturedPair } from './capture.ts';

const fixture = ClientFixture.use();

async function captured(folder: string): Promise<CapturedPair[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(
      async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as CapturedPair,
    ),
  );
}

describe('captureDirectory', () => {
  it('keeps every pair of a run, in order and without secrets', async () => {
    const signed = `${fixture.server.url}/part/0?X-Amz-Signature=hush`;
    const execution = { workflowExecutionId: 'e1', workflowId: 'w1', status: 'SUCCEEDED' };
    fixture.server.script((response, request) => {
      if (request.url?.endsWith('/downloadUrls')) {
        return json(200, { downloadUrls: [signed] })(response, request);
      }
      if (request.url?.startsWith('/part')) return response.end('a\n1\n');
      return json(
        200,
        { workflowExecution: execution },
        { 'x-amzn-RequestId': 'r-1' },
      )(response, request);
    });
    const folder = path.join(fixture.directory, 'captures');
    const account = fixture.account({ captureDirectory: folder });
    const created = await account.createExecution(sqlRequest());
    await account.download(created.id, { directory: fixture.directory });
    const pairs = await captured(folder);
    expect(pairs.map(({ operation }) => operation)).toStrictEqual([
      'create',
      'download_urls',
      'download',
    ]);
    expect(pairs[0]).toMatchObject({
      version: 1,
      account: 'DE:dsp:1234',
      sentAt: '2026-02-01T06:00:00.000Z',
      request: {
        method: 'POST',
        url: `${fixture.server.url}/avc/workflowexecutions`,
        headers: { authorization: '[redacted]' },
        body: expect.stringContaining('"workflowId":"w1"'),
      },
      response: { status: 200, headers: { 'x-amzn-requestid': 'r-1' } },
    });
    expect(JSON.parse(pairs[0]?.response?.body ?? '')).toStrictEqual({
      workflowExecution: execution,
    });
    expect(pairs[2]).toMatchObject({
      request: { url: `${fixture.server.url}/part/0?[redacted]` },
      response: { bodyBase64: Buffer.from('a\n1\n').toString('base64') },
    });
    expect(JSON.stringify(pairs)).not.toMatch(/hush|token-1/);
    expect(JSON.stringify(pairs)).not.toContain(SECRETS.refreshToken);
  });

  it('keeps failures too, and never fails a call itself', async () => {
    fixture.server.script(json(400, { details: 'no' }));
    const folder = path.join(fixture.directory, 'captures');
    await expect(
      fixture
        .account({
          captureDirectory: folder,
          apiUrl: 'http://127.0.0.1:1',
          retry: { maxAttempts: 1 },
        })
        .getExecution('e1'),
    ).rejects.toMatchObject({ code: 'connection' });
    expect(await captured(folder)).toMatchObject([
      { failure: expect.stringContaining('got no whole answer') },
    ]);
    const account = fixture.account({ captureDirectory: '/dev/null/captures' });
    await expect(account.getExecution('e1')).rejects.toMatchObject({ code: 'request_refused' });
    expect(fixture.log.filter(({ level }) => level === 'warn')).toMatchObject([
      { level: 'warn', message: 'a request could not be captured' },
    ]);
  });
});
