import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { DownloadedFile } from '@traffic-events/client';

import type { Archive, ArchivedExecution, ArchiveSelection } from '../archive.ts';
import { ArchiveError } from '../errors.ts';

interface Kept {
  readonly execution: ArchivedExecution;
  readonly parts: readonly Buffer[];
}

/** Keeps raw results in memory, as the archive of a folder does. */
export class MemoryArchive implements Archive {
  readonly #kept = new Map<string, Kept>();
  /** Called before a result is kept; what it throws is why it cannot be. */
  onPut: (execution: ArchivedExecution) => void = () => {};
  /** Whether the parts of an execution are lost. */
  isDamaged: (execution: ArchivedExecution) => boolean = () => false;

  async put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void> {
    this.onPut(execution);
    const parts = await Promise.all(files.map(({ path }) => readFile(path)));
    this.#kept.set(execution.execution_id, { execution, parts });
  }

  has(executionId: string): boolean {
    return this.#kept.has(executionId);
  }

  async *list({
    stream,
    accountId,
    eventDate,
    from,
    to,
  }: ArchiveSelection = {}): AsyncGenerator<ArchivedExecution> {
    for (const { execution } of this.#kept.values()) {
      const { stream: own, account_id, event_date } = execution;
      const isWanted =
        own === (stream ?? own) &&
        account_id === (accountId ?? account_id) &&
        event_date === (eventDate ?? event_date) &&
        event_date >= (from ?? event_date) &&
        event_date <= (to ?? event_date);
      if (isWanted) yield execution;
    }
  }

  async get(execution: ArchivedExecution, directory: string): Promise<DownloadedFile[]> {
    const kept = this.#kept.get(execution.execution_id);
    if (kept === undefined || this.isDamaged(execution)) {
      throw new ArchiveError(`the parts of ${execution.execution_id} are lost`);
    }
    return Promise.all(
      kept.parts.map(async (bytes, index) => {
        const path = join(directory, `part-${index}.csv`);
        await writeFile(path, bytes);
        return { path, bytes: bytes.length, sha256: execution.sha256[index] ?? '' };
      }),
    );
  }
}
