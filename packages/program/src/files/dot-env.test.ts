import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadDotEnv } from './dot-env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dot-env-'));
  return () => rmSync(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

test('the environment wins, and what a file says is read anew, also where Node has read it before', () => {
  const path = join(folder, 'cron.env');
  const write = (word: string) =>
    writeFileSync(path, ['GIVEN', 'BY_NODE', 'NEW'].map((name) => `${name}=${word}`).join('\n'));
  vi.stubEnv('GIVEN', 'environment');
  vi.stubEnv('BY_NODE', 'first');
  vi.stubEnv('NEW', undefined);
  for (const word of ['first', 'second']) {
    write(word);
    loadDotEnv(path);
    const { env } = process;
    expect([env['GIVEN'], env['BY_NODE'], env['NEW']]).toEqual(['environment', word, word]);
  }
});
