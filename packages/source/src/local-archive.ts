import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import type { DownloadedFile } from '@traffic-events/client';
import type { SliceKey } from '@traffic-events/slice';
import * as z from 'zod';

import type { Archive, ArchivedExecution } from './archive.ts';
import { ArchiveError } from './errors.ts';

const archivedExecution = z.object({
  stream: z.string(),
  account_id: z.string(),
  marketplace: z.string(),
  event_date: z.iso.date(),
  fingerprint: z.string(),
  execution_id: z.string(),
  workflow_id: z.string(),
  create_time: z.string(),
  seen_finished: z.string(),
  extracted_at: z.string(),
  has_data_gaps: z.boolean(),
  doubts: z.array(z.string()).optional(),
  stated_rows: z.array(z.number()).optional(),
  sha256: z.array(z.string()),
});

/**
 * An archive in a folder: `<stream>/<account>/<date>/<execution>.json` and its parts,
 * `<execution>.<n>.csv.gz`. The JSON file comes last, so that what it names is whole.
 */
export class LocalArchive implements Archive {
  readonly #folder: string;

  constructor(options: { readonly folder: string }) {
    this.#folder = options.folder;
  }

  async put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void> {
    const folder = this.#sliceFolder(execution);
    await mkdir(folder, { recursive: true });
    const name = join(folder, fileName(execution.execution_id));
    for (const [index, file] of files.entries()) {
      await writeSafely(partName(name, index), (path) =>
        pipeline(createReadStream(file.path), createGzip(), createWriteStream(path)),
      );
    }
    await writeSafely(`${name}.json`, async (path) => {
      const handle = await open(path, 'w');
      await handle
        .writeFile(`${JSON.stringify(execution, null, 2)}\n`)
        .finally(() => handle.close());
    });
  }

  async *list(slice: Partial<SliceKey> = {}): AsyncGenerator<ArchivedExecution> {
    for (const stream of await this.#folders('', slice.stream)) {
      for (const account of await this.#folders(stream, slice.accountId)) {
        for (const date of await this.#folders(join(stream, account), slice.eventDate)) {
          const folder = join(this.#folder, stream, account, date);
          const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
          for (const name of names.sort()) yield readDescription(join(folder, name));
        }
      }
    }
  }

  async get(execution: ArchivedExecution, directory: string): Promise<DownloadedFile[]> {
    const name = join(this.#sliceFolder(execution), fileName(execution.execution_id));
    const files: DownloadedFile[] = [];
    for (const [index, expected] of execution.sha256.entries()) {
      const path = join(directory, `part-${index}.csv`);
      const hash = createHash('sha256');
      await pipeline(
        createReadStream(partName(name, index)),
        createGunzip(),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(path),
      );
      const sha256 = hash.digest('hex');
      if (sha256 !== expected) {
        throw new ArchiveError(
          `${partName(name, index)} has the hash ${sha256}, not ${expected} as when it was archived; restore it from a backup.`,
        );
      }
      files.push({ path, bytes: (await stat(path)).size, sha256 });
    }
    return files;
  }

  #sliceFolder({ stream, account_id, event_date }: ArchivedExecution): string {
    return join(this.#folder, fileName(stream), fileName(account_id), event_date);
  }

  /** Names of sub-folders, only the wanted one where one is. */
  async #folders(under: string, wanted: string | undefined): Promise<string[]> {
    const entries = await readdir(join(this.#folder, under), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const only = wanted === undefined ? names : names.filter((name) => name === fileName(wanted));
    return only.sort();
  }
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

/** Writes beside the name and renames, after the bytes have reached the disk. */
async function writeSafely(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await write(unfinished);
  const handle = await open(unfinished, 'r');
  await handle.sync().finally(() => handle.close());
  await rename(unfinished, path);
}

function partName(name: string, index: number): string {
  return `${name}.${index}.csv.gz`;
}

/** `DE:dsp:1234@Europe/Berlin` as a name that every file system takes. */
function fileName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, (character) =>
    character === ':' ? '=' : `%${character.charCodeAt(0).toString(16)}`,
  );
}
