import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { DiskError, onDisk } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';
import { isEventDate } from '@traffic-events/slice';
import * as z from 'zod';

import type { Archive, ArchivedExecution, ArchiveSelection } from './archive.ts';
import {
  descriptionName,
  descriptionsAmong,
  fileName,
  missingDescriptions,
  partName,
  sliceFolderOf,
  textOf,
} from './archive-names.ts';
import { ArchiveError } from '../errors.ts';

/** Between the clocks of the API's machines. */
const MAX_AHEAD_MS = 5 * 60_000;

const fields = z.object({
  stream: z.string(),
  account_id: z.string(),
  marketplace: z.string(),
  event_date: z.iso.date(),
  fingerprint: z.string(),
  execution_id: z.string(),
  workflow_id: z.string(),
  create_time: z.iso.datetime(),
  seen_finished: z.iso.datetime(),
  extracted_at: z.iso.datetime(),
  has_data_gaps: z.boolean(),
  doubts: z.array(z.string()).optional(),
  may_lack: z.array(z.string()).optional(),
  stated_rows: z.array(z.number()).optional(),
  labels: z.array(z.string()).optional(),
  shape: z.string().optional(),
  sha256: z.array(z.string()),
});

/** What was created after it was seen finished would settle anything. */
const archivedExecution = fields.refine(
  ({ create_time: created, seen_finished: seen }) =>
    Date.parse(created) <= Date.parse(seen) + MAX_AHEAD_MS,
);

/** Raw results are their owner's business. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

type OnDamage = (damage: ArchiveError) => void;

const throwDamage: OnDamage = (damage) => {
  throw damage;
};

/**
 * An archive in a folder: `<stream>/<account>/<date>/<execution>.json` and its parts,
 * `<execution>.<n>.csv.gz`. The JSON file comes last, so that what it names is whole.
 */
export class LocalArchive implements Archive {
  readonly #folder: string;
  /** What is tried again by itself. */
  #alone: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly folder: string }) {
    this.#folder = options.folder;
  }

  async put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void> {
    const place = {
      folder: this.#folder,
      purpose: 'the archive',
      neededBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      cure: 'Make room there, or name another folder as archive: nothing is loaded whose raw result is not kept.',
    };
    const put = () => onDisk(place, () => this.#put(execution, files));
    try {
      await put();
    } catch (error) {
      if (!(error instanceof DiskError) || !error.isFull) throw error;
      await this.#again(put);
    }
  }

  /** What found no room beside others may find it once they are gone, each by itself. */
  #again(put: () => Promise<void>): Promise<void> {
    const done = this.#alone.then(put);
    this.#alone = done.catch(() => {});
    return done;
  }

  async *list(
    { stream: wanted, accountId, eventDate, from, to }: ArchiveSelection = {},
    onDamage: OnDamage = throwDamage,
  ): AsyncGenerator<ArchivedExecution> {
    const isWanted = (date: string) =>
      isEventDate(date) && date >= (from ?? date) && date <= (to ?? date);
    for (const stream of await this.#folders('', isNamed(wanted), onDamage)) {
      for (const account of await this.#folders(stream, isNamed(accountId), onDamage)) {
        const isDate = (name: string) => isNamed(eventDate)(name) && isWanted(name);
        for (const date of await this.#folders(join(stream, account), isDate, onDamage)) {
          yield* this.#read(join(stream, account, date), onDamage);
        }
      }
    }
  }

  async accountIds(): Promise<string[]> {
    const ids = new Set<string>();
    for (const stream of await this.#folders('', isAny, () => {})) {
      const names = await this.#folders(stream, isAny, () => {});
      for (const id of names.map(textOf)) if (id !== undefined) ids.add(id);
    }
    return [...ids].sort();
  }

  async get(execution: ArchivedExecution, directory: string): Promise<DownloadedFile[]> {
    const files: DownloadedFile[] = [];
    for (const [index, expected] of execution.sha256.entries()) {
      const part = this.#pathOf(execution, partName(execution, index));
      const path = join(directory, `part-${index}.csv`);
      const sha256 = await unpack(part, path, directory);
      if (sha256 !== expected) {
        throw new ArchiveError(
          `${part} has the hash ${sha256}, not ${expected} as when it was archived; restore it from a backup.`,
        );
      }
      files.push({ path, bytes: (await stat(path)).size, sha256 });
    }
    return files;
  }

  async move(from: ArchivedExecution, to: ArchivedExecution): Promise<void> {
    const place = {
      folder: this.#folder,
      purpose: 'the archive',
      cure: 'Make room or see to its rights, and do the same again: it goes on where it was left.',
    };
    await onDisk(place, () => this.#move(from, to));
  }

  /** The former description goes last: until then all that is left can be found by it. */
  async #move(from: ArchivedExecution, to: ArchivedExecution): Promise<void> {
    await this.#makeFolder(to);
    for (const index of from.sha256.keys()) {
      const [before, after] = [from, to].map((each) => this.#pathOf(each, partName(each, index)));
      await rename(before as string, after as string).catch(unlessMissing);
    }
    await this.#describe(to);
    await rm(this.#pathOf(from, descriptionName(from)));
    const date = join(this.#folder, sliceFolderOf(from));
    await rmdir(date)
      .then(() => rmdir(dirname(date)))
      .catch(unlessFilled);
  }

  async #makeFolder(execution: ArchivedExecution): Promise<void> {
    const folder = join(this.#folder, sliceFolderOf(execution));
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  }

  #describe(execution: ArchivedExecution): Promise<void> {
    return writeSafely(this.#pathOf(execution, descriptionName(execution)), (handle) =>
      handle.writeFile(`${JSON.stringify(execution, null, 2)}\n`),
    );
  }

  async #put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void> {
    const description = this.#pathOf(execution, descriptionName(execution));
    const parts = files.map((_, index) => this.#pathOf(execution, partName(execution, index)));
    const isKept = await exists(description);
    try {
      await this.#makeFolder(execution);
      for (const [index, file] of files.entries()) {
        await writeSafely(parts[index] as string, (handle) =>
          pipeline(createReadStream(file.path), createGzip(), handle.createWriteStream()),
        );
      }
      await this.#describe(execution);
    } catch (error) {
      // Of a result that is not kept, parts would only take room that others need.
      if (!isKept) await Promise.all(parts.map((part) => rm(part, { force: true })));
      throw error;
    }
  }

  #pathOf(execution: ArchivedExecution, name: string): string {
    return join(this.#folder, sliceFolderOf(execution), name);
  }

  /** The executions of a date. Descriptions are to stand where they belong, with their parts. */
  async *#read(folder: string, onDamage: OnDamage): AsyncGenerator<ArchivedExecution> {
    const names = await readdir(join(this.#folder, folder)).catch((error: Error) => {
      onDamage(unreadableFolder(join(this.#folder, folder), error));
      return [];
    });
    for (const name of descriptionsAmong(names)) {
      const path = join(this.#folder, folder, name);
      const execution = await readDescription(path).catch((error: unknown) => damageOf(error));
      if (execution instanceof ArchiveError) onDamage(execution);
      else if (this.#pathOf(execution, descriptionName(execution)) === path) yield execution;
      else onDamage(misplaced(path, execution));
    }
    for (const name of missingDescriptions(names)) {
      onDamage(
        new ArchiveError(
          `${join(this.#folder, folder, name)} is missing, which describes the parts beside it; restore it from a backup.`,
        ),
      );
    }
  }

  /** Names of the wanted sub-folders, behind links as well. What is none, or cannot be read, is damage. */
  async #folders(under: string, isWanted: IsWanted, onDamage: OnDamage): Promise<string[]> {
    const folder = join(this.#folder, under);
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (under !== '' || error.code !== 'ENOENT') onDamage(unreadableFolder(folder, error));
      return [];
    });
    const folders: string[] = [];
    for (const name of names.filter(isWanted).sort()) {
      const problem = await problemOfFolder(join(folder, name), isWanted !== isAny);
      if (problem === undefined) folders.push(name);
      else if (problem !== null) onDamage(problem);
    }
    return folders;
  }
}

type IsWanted = (name: string) => boolean;

const isAny: IsWanted = () => true;

function isNamed(text: string | undefined): IsWanted {
  return text === undefined ? isAny : (name) => name === fileName(text);
}

/** Undefined for a folder; null for a file that is somebody's, where no folder of that name is wanted. */
async function problemOfFolder(
  path: string,
  isMeant: boolean,
): Promise<ArchiveError | null | undefined> {
  try {
    if ((await stat(path)).isDirectory()) return undefined;
    return isMeant ? unreadableFolder(path, new Error('it is no folder')) : null;
  } catch (error) {
    return unreadableFolder(path, error as Error);
  }
}

function unreadableFolder(path: string, cause: Error): ArchiveError {
  return new ArchiveError(`${path} cannot be read (${cause.message}); restore it from a backup.`, {
    cause,
  });
}

async function readDescription(path: string): Promise<ArchivedExecution> {
  try {
    return archivedExecution.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new ArchiveError(`${path} does not describe an execution; restore it from a backup.`, {
      cause: error,
    });
  }
}

function damageOf(error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  throw error;
}

function misplaced(path: string, execution: ArchivedExecution): ArchiveError {
  const { stream, account_id, event_date, execution_id } = execution;
  return new ArchiveError(
    `${path} describes execution ${execution_id} of ${stream} ${account_id} ${event_date}, which does not belong there; put it back in its own folder.`,
  );
}

/** Unpacks a part into a file; the hash of what it holds. */
async function unpack(part: string, path: string, directory: string): Promise<string> {
  const hash = createHash('sha256');
  const place = {
    folder: directory,
    purpose: 'results while they are read',
    cure: 'Make room there, or set TMPDIR to another folder.',
  };
  const source = await open(part, 'r').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(part, error);
  });
  const hashed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const target = createWriteStream(path, { mode: PRIVATE_FILE });
  await onDisk(place, () =>
    pipeline(source.createReadStream(), createGunzip(), hashed, target).catch(
      (error: NodeJS.ErrnoException) => {
        throw error.syscall === undefined || error.syscall === 'read'
          ? unreadable(part, error)
          : error;
      },
    ),
  );
  return hash.digest('hex');
}

function unreadable(part: string, cause: NodeJS.ErrnoException): ArchiveError {
  const problem = cause.code === 'ENOENT' ? 'is missing' : `cannot be unpacked (${cause.message})`;
  return new ArchiveError(`${part} ${problem}; restore it from a backup.`, { cause });
}

/** A part that is moved already, or that the archive has lost before. */
function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** What else is in a folder is somebody's. */
function unlessFilled(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Writes beside the name and renames, after the bytes have reached the disk. */
async function writeSafely(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    const handle = await open(unfinished, 'w', PRIVATE_FILE);
    try {
      await write(handle);
    } finally {
      await handle.close().catch(() => {});
    }
    await reachDisk(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** A stream closes the handle that it has written to. */
async function reachDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
