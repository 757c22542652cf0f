import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, it } from 'vitest';

import { SimulatedApi } from './simulated-api.ts';

const api = SimulatedApi.use();

it('what a client has captured, secrets taken out, the simulator can replay to another client', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'captures-'));
  await api.start({ partFiles: 2 });
  const secrets = api.simulator.credentials;
  const request = api.request();
  const recorded = await api.rowsOf(api.account({ captureDirectory: directory }), request);
  expect(recorded.length).toBeGreaterThan(0);
  await api.close();

  const texts = await Promise.all(
    (await readdir(directory)).map((name) => readFile(path.join(directory, name), 'utf8')),
  );
  // A create, at least one look, the URLs and two part files; a busy machine looks no more often.
  expect(texts.length).toBeGreaterThanOrEqual(5);
  for (const text of texts) {
    expect(text).not.toContain(secrets.clientSecret);
    expect(text).not.toContain(secrets.refreshToken);
    expect(text).not.toMatch(/Atza\||Bearer (?!\[redacted\])|[?&](?:signature|X-Amz-Signature)=/i);
  }

  await api.start({ replay: { directory } });
  expect(await api.rowsOf(api.account(), request)).toStrictEqual(recorded);
  await rm(directory, { recursive: true });
});
