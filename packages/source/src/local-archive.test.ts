import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { ArchivedExecution } from './archive.ts';
import { LocalArchive } from './local-archive.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function delivered(name: string, content: string) {
  const path = join(folder, name);
  await writeFile(path, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, bytes: content.length, sha256 };
}

const execution: ArchivedExecution = {
  stream: 'dsp_clicks',
  account_id: 'DE:dsp:1@Europe/Berlin',
  marketplace: 'DE',
  event_date: '2026-01-01',
  fingerprint: 'f',
  execution_id: 'a/b',
  workflow_id: 'w',
  create_time: '2026-01-02T00:00:00.000Z',
  seen_finished: '2026-01-02T00:15:00.000Z',
  extracted_at: '2026-01-02T00:16:00.000Z',
  has_data_gaps: false,
  sha256: [],
};

async function listed(archive: LocalArchive, slice = {}) {
  const found: ArchivedExecution[] = [];
  for await (const each of archive.list(slice)) found.push(each);
  return found;
}

it('gives back the bytes of every part, and finds them by slice', async () => {
  const archive = new LocalArchive({ folder: join(folder, 'archive') });
  expect(await listed(archive)).toEqual([]);
  const files = [await delivered('1', 'clicks\n1\n'), await delivered('2', 'clicks\n2\n')];
  const kept = { ...execution, sha256: files.map(({ sha256 }) => sha256) };
  await archive.put(kept, files);
  await archive.put(kept, files);
  expect(await listed(archive, { stream: 'dsp_clicks', accountId: execution.account_id })).toEqual([
    kept,
  ]);
  expect(await listed(archive, { eventDate: '2026-01-02' })).toEqual([]);
  const back = await archive.get(kept, folder);
  expect(await readFile(back[1]!.path, 'utf8')).toBe('clicks\n2\n');
  expect(back.map(({ sha256 }) => sha256)).toEqual(kept.sha256);
  const names = await readdir(join(folder, 'archive'), { recursive: true });
  expect(names.filter((name) => name.endsWith('.unfinished'))).toEqual([]);
});

it('names the file whose bytes have changed', async () => {
  const archive = new LocalArchive({ folder: join(folder, 'archive') });
  const file = await delivered('1', 'clicks\n1\n');
  await archive.put({ ...execution, sha256: ['00'] }, [file]);
  await expect(archive.get({ ...execution, sha256: ['00'] }, folder)).rejects.toThrow(
    /a%2fb\.0\.csv\.gz has the hash [0-9a-f]{64}, not 00 as when it was archived; restore it/,
  );
});
