import { DiskError } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';

import type { Archive, ArchivedExecution } from '../archive/archive.ts';

/** An archive whose disk has no room for one of so many results. */
export class FullArchive implements Archive {
  readonly #archive: Archive;
  readonly #oneIn: number;
  #puts = 0;

  constructor(archive: Archive, oneIn: number) {
    this.#archive = archive;
    this.#oneIn = oneIn;
  }

  async put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void> {
    this.#puts += 1;
    if (this.#puts % this.#oneIn !== 0) return this.#archive.put(execution, files);
    throw new DiskError('the archive has no room', {
      folder: 'archive',
      isFull: true,
      cause: Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }),
    });
  }

  list(...selection: Parameters<Archive['list']>): AsyncIterable<ArchivedExecution> {
    return this.#archive.list(...selection);
  }

  accountIds(): Promise<readonly string[]> {
    return this.#archive.accountIds();
  }

  get(...execution: Parameters<Archive['get']>): Promise<DownloadedFile[]> {
    return this.#archive.get(...execution);
  }

  move(...executions: Parameters<Archive['move']>): Promise<void> {
    return this.#archive.move(...executions);
  }
}
