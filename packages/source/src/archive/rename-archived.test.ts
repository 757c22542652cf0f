import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ArchivedExecution } from './archive.ts';
import { LocalArchive } from './local-archive.ts';
import { renameArchived } from './rename-archived.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const OLD = 'IN:dsp:1@Asia/Kolkata';
const ALIAS = 'IN:dsp:1@Asia/Calcutta';
const OTHER = 'IN:dsp:12@Asia/Kolkata';
const NEW = 'AE:dsp:2@Asia/Kolkata';

let folder: string;
let archive: LocalArchive;

const execution = (account_id: string, execution_id: string): ArchivedExecution => ({
  stream: 'dsp_clicks',
  account_id,
  marketplace: 'IN',
  event_date: '2026-01-05',
  fingerprint: 'f',
  execution_id,
  workflow_id: 'w',
  create_time: '2026-01-09T06:00:00Z',
  seen_finished: '2026-01-09T06:10:00Z',
  extracted_at: '2026-01-09T06:10:00Z',
  has_data_gaps: false,
  sha256: [EMPTY, EMPTY],
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rename-test-'));
  archive = new LocalArchive({ folder: join(folder, 'archive') });
  const path = join(folder, 'empty.csv');
  await writeFile(path, '');
  const file = { path, bytes: 0, sha256: EMPTY };
  const kept = [execution(OLD, 'e1'), execution(ALIAS, 'e2'), execution(OTHER, 'e3')];
  for (const each of kept) await archive.put(each, [file, file]);
});
afterEach(() => rm(folder, { recursive: true }));

/** What is kept, and whole. */
async function kept(): Promise<string[]> {
  const found: string[] = [];
  for await (const each of archive.list()) {
    await archive.get(each, folder);
    found.push(`${each.execution_id} ${each.marketplace} ${each.account_id}`);
  }
  return found.toSorted();
}

const RENAMED = [`e1 AE ${NEW}`, 'e2 AE AE:dsp:2@Asia/Calcutta', `e3 IN ${OTHER}`];

it('all results of the account go by the new key, under each name of its zone, and no others', async () => {
  expect(await renameArchived(archive, OLD, NEW)).toEqual({ results: 2, faults: [] });
  expect(await kept()).toEqual(RENAMED);
  expect(await readdir(join(folder, 'archive/dsp_clicks'))).toHaveLength(3);
});

it('a renaming that was stopped in the middle goes on', async () => {
  await archive.put({ ...execution(NEW, 'e0'), sha256: [] }, []);
  const [from, to] = ['IN=dsp=1%40Asia%2fKolkata', 'AE=dsp=2%40Asia%2fKolkata'].map((account) =>
    join(folder, 'archive/dsp_clicks', account, '2026-01-05/e1.0.csv.gz'),
  );
  await rename(String(from), String(to));
  await renameArchived(archive, OLD, NEW);
  expect(await kept()).toEqual([`e0 IN ${NEW}`, ...RENAMED]);
});

it('what cannot be read is named, and stays', async () => {
  const account = join(folder, 'archive/dsp_clicks/IN=dsp=1%40Asia%2fKolkata');
  await writeFile(join(account, '2026-01-05/e1.json'), 'no description');
  expect(await renameArchived(archive, OLD, NEW)).toEqual({
    results: 1,
    faults: [expect.stringMatching(/e1\.json does not describe an execution/)],
  });
  expect(await readdir(join(account, '2026-01-05'))).toHaveLength(3);
});
