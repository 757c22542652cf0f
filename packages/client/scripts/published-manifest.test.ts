import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const packageFolder = path.join(import.meta.dirname, '..');
const repository = path.join(packageFolder, '../..');
const example = `
import { readCsv, TrafficEventsClient } from '@traffic-events/client';
const client = new TrafficEventsClient({ clientId: 'a', clientSecret: 'b', refreshToken: 'c' });
console.log(client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1' }).account.advertiserId, typeof readCsv);
await client.close();
`;

let folder: string;

/** A copy, so that packing does not touch the manifest that others are running on. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pack-'));
  const copy = path.join(folder, 'packages/client');
  await mkdir(copy, { recursive: true });
  for (const name of await readdir(packageFolder)) {
    if (name === 'node_modules' || name === 'dist') continue;
    await cp(path.join(packageFolder, name), path.join(copy, name), { recursive: true });
  }
  await cp(path.join(repository, 'tsconfig.base.json'), path.join(folder, 'tsconfig.base.json'));
  await symlink(path.join(packageFolder, 'node_modules'), path.join(copy, 'node_modules'));
  await symlink(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
});

afterAll(() => rm(folder, { recursive: true }));

it('packs with npm into something that runs in an empty project', async () => {
  const copy = path.join(folder, 'packages/client');
  const before = await readFile(path.join(copy, 'package.json'), 'utf8');
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: copy });
  expect(await readFile(path.join(copy, 'package.json'), 'utf8')).toBe(before);

  const modules = path.join(folder, 'empty/node_modules');
  const installed = path.join(modules, '@traffic-events/client');
  await mkdir(installed, { recursive: true });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', path.join(folder, tarball), '-C', installed, '--strip-components=1']);
  const manifest = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(JSON.stringify(manifest)).not.toMatch(/catalog:|workspace:|src\/|"private"/);
  for (const name of Object.keys(manifest.dependencies)) {
    await symlink(path.join(packageFolder, 'node_modules', name), path.join(modules, name));
  }
  const program = path.join(folder, 'empty/example.mjs');
  await writeFile(program, example);
  const { stdout } = await run(process.execPath, [program]);
  expect(stdout).toBe('1 function\n');
  const files = await readdir(installed, { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.d.ts']));
  expect(files.filter((name) => /test|testing/.test(name))).toStrictEqual([]);
});
