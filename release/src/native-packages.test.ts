import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installedDependency } from './installed-package.ts';
import { isNative } from './native-packages.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'native-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(name: string, manifest: object): void {
  mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  const text = JSON.stringify({ name, version: '1.0.0', ...manifest });
  writeFileSync(join(folder, 'node_modules', name, 'package.json'), text);
}

it('knows a package by the binaries of what it depends on, however deep', () => {
  install('api', { dependencies: { bindings: '1' } });
  install('bindings', { optionalDependencies: { '@it/linux': '1', '@it/elsewhere': '1' } });
  install('@it/linux', { os: ['linux'] });
  expect(isNative(installedDependency('api', folder))).toBe(true);
});

it('takes packages that need one another for what they are', () => {
  install('one', { dependencies: { two: '1' } });
  install('two', { dependencies: { one: '1' } });
  expect(isNative(installedDependency('one', folder))).toBe(false);
});
