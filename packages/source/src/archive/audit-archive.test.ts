import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { auditArchive } from './audit-archive.ts';
import { LocalArchive } from './local-archive.ts';

const WHOLE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
let folder: string;
let archive: LocalArchive;

const execution = (id: string, sha256: string) => ({
  stream: 'dsp_clicks',
  account_id: 'DE:dsp:1',
  marketplace: 'DE',
  event_date: '2026-01-05',
  fingerprint: 'f',
  execution_id: id,
  workflow_id: 'w',
  create_time: '2026-01-09T06:00:00Z',
  seen_finished: '2026-01-09T06:10:00Z',
  extracted_at: '2026-01-09T06:10:00Z',
  has_data_gaps: false,
  sha256: [sha256],
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-test-'));
  archive = new LocalArchive({ folder: join(folder, 'archive') });
  const path = join(folder, 'empty.csv');
  await writeFile(path, '');
  for (const id of ['e1', 'e2']) {
    await archive.put(execution(id, WHOLE), [{ path, bytes: 0, sha256: WHOLE }]);
  }
});
afterEach(() => rm(folder, { recursive: true }));

const partOf = (id: string) =>
  join(folder, 'archive/dsp_clicks/DE=dsp=1/2026-01-05', `${id}.0.csv.gz`);

/** What the ledger says: it knows of one execution. */
const hashOf = ({ execution_id }: { readonly execution_id: string }) =>
  execution_id === 'e1' ? WHOLE : undefined;

test('what is whole, and as the ledger has it, has no fault', async () => {
  expect(await auditArchive({ archive, hashOf, directory: folder })).toEqual({
    results: 2,
    faults: [],
  });
});

test('what is damaged or missing, or is not what the ledger has, is named', async () => {
  await writeFile(partOf('e1'), 'no gzip');
  const audit = await auditArchive({ archive, hashOf: () => 'other', directory: folder });
  expect(audit).toEqual({
    results: 2,
    faults: [
      expect.stringMatching(
        /^dsp_clicks DE:dsp:1 2026-01-05 \(execution e1\): \S+ cannot be unpacked/,
      ),
      `dsp_clicks DE:dsp:1 2026-01-05 (execution e2): the ledger has the hash other of its raw result, and the archive one with ${WHOLE}`,
    ],
  });
  await rm(partOf('e2'));
  expect((await auditArchive({ archive, hashOf: () => undefined })).faults).toEqual([
    expect.stringContaining('e1'),
    expect.stringMatching(/execution e2\): \S+ is missing/),
  ]);
});
