import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFile } from './start-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-file-'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'start.js'), startFile('some-program'));
  writeFileSync(join(folder, 'main.js'), "console.log('started');");
});
afterAll(() => rmSync(folder, { recursive: true }));

const startOn = (version: string) => {
  const versions = JSON.stringify({ ...process.versions, node: version });
  const pretend = `Object.defineProperty(process, 'versions', { value: ${versions} });`;
  const url = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return promisify(execFile)(process.execPath, ['--import', url, join(folder, 'start.js')]);
};

it.each(['22.19.0', '22.20.1', '23.0.0', '24.21.0'])('starts on Node %s', async (version) => {
  expect((await startOn(version)).stdout).toBe('started\n');
});

it.each(['18.20.8', '20.20.2', '22.18.0'])('says what it needs on Node %s', async (version) => {
  await expect(startOn(version)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('some-program needs Node 22.19 or later'),
  });
});
