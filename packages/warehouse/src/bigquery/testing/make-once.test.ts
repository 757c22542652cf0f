import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOnce } from './make-once.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'make-once-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const write = (folder: string, who: string) => writeFileSync(join(folder, who), who);

test('two that install at the same time both find a whole folder, made by one of them', async () => {
  const folder = join(place, 'together');
  let waiting = 2;
  const { promise: bothBegan, resolve } = Promise.withResolvers<void>();
  const install = (who: string) =>
    makeOnce(folder, async (unfinished) => {
      mkdirSync(unfinished);
      write(unfinished, who);
      waiting -= 1;
      if (waiting === 0) resolve();
      await bothBegan;
      write(unfinished, 'complete');
    });
  await Promise.all([install('one'), install('other')]);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readFileSync(join(folder, 'complete'), 'utf8')).toBe('complete');
  await makeOnce(folder, () => Promise.reject(new Error('it is there already')));
  expect(readdirSync(place)).toEqual(['together']);
});

test('an installation that fails half-way is not taken for one, and the next one makes it', async () => {
  const folder = join(place, 'failing');
  const failing = makeOnce(folder, async (unfinished) => {
    mkdirSync(unfinished);
    write(unfinished, 'half');
    throw new Error('no network');
  });
  await expect(failing).rejects.toThrow('no network');
  await makeOnce(folder, async (unfinished) => {
    mkdirSync(unfinished);
    write(unfinished, 'whole');
  });
  expect(readdirSync(folder)).toEqual(['whole']);
});
