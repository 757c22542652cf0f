import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@traffic-events/singer';
import { expect, test } from 'vitest';
import { readConfigFiles } from './config-files.ts';

const SETTINGS = { host: { kind: 'string', description: 'A host.' } } as const;

test('a key that objects inherit is one that no setting has, and hides none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  const path = join(folder, 'config.json');
  await writeFile(path, '{"__proto__": {"host": "elsewhere"}}');
  const { config } = await readConfigFiles([path]);
  await rm(folder, { recursive: true });
  expect(() => readSettings(SETTINGS, { program: 'target', config })).toThrow(
    '__proto__: not a setting of target.',
  );
});
