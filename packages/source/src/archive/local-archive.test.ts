import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

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

it('is readable by its owner alone', async () => {
  const root = join(folder, 'private');
  await new LocalArchive({ folder: root }).put({ ...execution, sha256: ['00'] }, [
    await delivered('1', 'clicks\n1\n'),
  ]);
  for (const name of ['', ...(await readdir(root, { recursive: true }))]) {
    const entry = await stat(join(root, name));
    expect([name, entry.mode & 0o777]).toEqual([name, entry.isDirectory() ? 0o700 : 0o600]);
  }
});

it('keeps nothing of a result that it cannot keep whole', async () => {
  const root = join(folder, 'archive');
  const archive = new LocalArchive({ folder: root });
  const gone = { path: join(folder, 'gone'), bytes: 9, sha256: '00' };
  const whole = await delivered('1', 'clicks\n1\n');
  await expect(archive.put({ ...execution, sha256: ['00', '00'] }, [whole, gone])).rejects.toThrow(
    'no such file',
  );
  const names = await readdir(root, { recursive: true, withFileTypes: true });
  expect(names.filter((entry) => entry.isFile())).toEqual([]);
});

it('says which folder cannot be written, and what to do', async () => {
  const root = join(folder, 'a-file');
  await writeFile(root, '');
  await expect(new LocalArchive({ folder: root }).put(execution, [])).rejects.toThrow(
    `${root}, which holds the archive, is no folder (ENOTDIR). Make room there, or name another folder as archive`,
  );
});

describe('of what is damaged', () => {
  const second = { ...execution, execution_id: 'c', event_date: '2026-01-02' };
  let archive: LocalArchive;
  let place: string;

  beforeEach(async () => {
    archive = new LocalArchive({ folder: join(folder, 'archive') });
    const file = await delivered('1', 'clicks\n1\n');
    for (const each of [execution, second])
      await archive.put({ ...each, sha256: [file.sha256] }, [file]);
    place = join(folder, 'archive', 'dsp_clicks', 'DE=dsp=1%40Europe%2fBerlin', '2026-01-01');
  });

  /** Ids of the executions that are listed, and what is said of the others. */
  async function found(selection = {}) {
    const damage: string[] = [];
    const ids: string[] = [];
    for await (const each of archive.list(selection, ({ message }) => damage.push(message)))
      ids.push(each.execution_id);
    return { ids, damage };
  }

  it.each([
    [
      'a description that is no JSON',
      'a%2fb.json',
      '{"stream": "dsp_',
      /a%2fb\.json does not describe an execution/,
    ],
    [
      'a description of something else',
      'a%2fb.json',
      '[]',
      /a%2fb\.json does not describe an execution/,
    ],
    [
      'a JSON file of another hand',
      'notes.json',
      '{}',
      /notes\.json does not describe an execution/,
    ],
  ])('%s is named, and the rest is listed', async (_, name, text, message) => {
    await writeFile(join(place, name), text);
    const { ids, damage } = await found();
    expect(ids).toContain('c');
    expect(damage).toEqual([expect.stringMatching(message)]);
    await expect(listed(archive)).rejects.toThrow(message);
    // Where only other dates are asked for it is not looked at.
    expect(await found({ from: '2026-01-02', to: '2026-01-31' })).toEqual({
      ids: ['c'],
      damage: [],
    });
  });

  it('parts without a description, and a description in the wrong place, are named', async () => {
    await rm(join(place, 'a%2fb.json'));
    const other = join(place, '..', '2026-01-02');
    await cp(join(other, 'c.json'), join(place, 'c.json'));
    const { ids, damage } = await found();
    expect(ids).toEqual(['c']);
    expect(damage).toEqual([
      expect.stringMatching(
        /2026-01-01\/c\.json describes execution c of dsp_clicks .* 2026-01-02, which does not belong there/,
      ),
      expect.stringMatching(
        /2026-01-01\/a%2fb\.json is missing, which describes the parts beside it/,
      ),
    ]);
  });

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['a link to nowhere', (path) => symlink('nowhere', path), /cannot be read \(ENOENT/],
    ['a link to itself', (path) => symlink(path, path), /cannot be read \(ELOOP/],
    ['a file', (path) => writeFile(path, ''), /cannot be read \(it is no folder\)/],
  ])('a date that is %s is named, and the rest is listed', async (_, make, message) => {
    await rm(place, { recursive: true });
    await make(place);
    expect(await found()).toEqual({ ids: ['c'], damage: [expect.stringMatching(message)] });
    expect(await found({ eventDate: '2026-01-02' })).toEqual({ ids: ['c'], damage: [] });
  });

  it('what stands behind a link is found', async () => {
    const [stream, moved] = [join(folder, 'archive', 'dsp_clicks'), join(folder, 'moved')];
    await rename(stream, moved);
    await symlink(moved, stream);
    expect(await found()).toEqual({ ids: ['a/b', 'c'], damage: [] });
    expect(await archive.accountIds()).toEqual([execution.account_id]);
  });

  it.each([
    { create_time: 'yesterday' },
    { seen_finished: '2026-01-02' },
    { extracted_at: '' },
    { create_time: '9999-12-31T00:00:00.000Z' },
  ])('a description with an instant that cannot be is named: %j', async (instant) => {
    const path = join(place, 'a%2fb.json');
    await writeFile(path, JSON.stringify({ ...execution, ...instant }));
    const damage = [expect.stringMatching(/a%2fb\.json does not describe an execution/)];
    expect(await found()).toEqual({ ids: ['c'], damage });
  });

  it('files and folders of others are left alone', async () => {
    await writeFile(join(place, '.DS_Store'), 'x');
    await writeFile(join(place, 'README.txt'), 'x');
    await writeFile(join(place, 'a%2fb.0.csv.gz.unfinished'), 'x');
    await mkdir(join(place, '..', 'old copies'));
    await writeFile(join(place, '..', 'old copies', 'a.json'), 'x');
    await writeFile(join(folder, 'archive', 'list.json'), 'x');
    expect(await found()).toEqual({ ids: ['a/b', 'c'], damage: [] });
  });

  it.each([
    ['cut', (part: string) => writeFile(part, Buffer.from([0x1f, 0x8b, 8, 0]))],
    ['no gzip', (part: string) => writeFile(part, 'clicks\n1\n')],
    ['empty', (part: string) => writeFile(part, '')],
    ['a folder', (part: string) => rm(part).then(() => mkdir(part))],
    ['missing', (part: string) => rm(part)],
  ])('a part that is %s is named', async (_, damage) => {
    const part = join(place, 'a%2fb.0.csv.gz');
    await damage(part);
    await expect(archive.get({ ...execution, sha256: ['00'] }, folder)).rejects.toThrow(
      /a%2fb\.0\.csv\.gz (is missing|cannot be unpacked|has the hash)/,
    );
    await expect(archive.get({ ...execution, sha256: ['00'] }, folder)).rejects.toMatchObject({
      code: 'archive',
    });
  });
});

it('leads nowhere else, whatever names say', async () => {
  const archive = new LocalArchive({ folder: join(folder, 'archive') });
  const odd = { ...execution, stream: '..', account_id: '../..', execution_id: '..' };
  await archive.put(odd, []);
  expect((await readdir(folder)).sort()).toEqual(['archive']);
  expect(await listed(archive)).toEqual([odd]);
});
