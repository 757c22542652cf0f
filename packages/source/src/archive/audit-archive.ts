import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { describeSlice } from '@traffic-events/slice';

import { ArchiveError } from '../errors.ts';
import { rawHash } from '../results/slice-result.ts';
import { makeSpool } from '../results/spool.ts';
import type { Archive, ArchivedExecution } from './archive.ts';

export interface ArchiveAuditOptions {
  readonly archive: Archive;
  /** What the ledger says of the raw result of an execution; undefined where it says nothing. */
  readonly hashOf: (execution: ArchivedExecution) => string | undefined;
  readonly signal?: AbortSignal;
  /** Where results are unpacked, one after the other; the system's temporary folder by default. */
  readonly directory?: string;
}

export interface ArchiveAudit {
  /** Results whose description could be read. */
  readonly results: number;
  /** What is damaged or missing, or is not what the ledger has the hash of, in words. */
  readonly faults: readonly string[];
}

/** Unpacks every result that is kept, and holds its hash against its description and the ledger. */
export async function auditArchive(options: ArchiveAuditOptions): Promise<ArchiveAudit> {
  const { archive, signal } = options;
  const directory = await makeSpool(options.directory ?? tmpdir(), 'traffic-events-audit-');
  const faults: string[] = [];
  let results = 0;
  try {
    for await (const execution of archive.list({}, ({ message }) => faults.push(message))) {
      signal?.throwIfAborted();
      results += 1;
      const fault = await faultOf(execution, options, directory);
      if (fault !== undefined) faults.push(fault);
    }
    return { results, faults };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function faultOf(
  execution: ArchivedExecution,
  { archive, hashOf }: ArchiveAuditOptions,
  directory: string,
): Promise<string | undefined> {
  const { stream, account_id: accountId, event_date: eventDate, execution_id } = execution;
  const name = `${describeSlice({ stream, accountId, eventDate })} (execution ${execution_id})`;
  try {
    const files = await archive.get(execution, directory);
    await Promise.all(files.map(({ path }) => rm(path)));
  } catch (error) {
    if (error instanceof ArchiveError) return `${name}: ${error.message}`;
    throw error;
  }
  const [kept, entered] = [rawHash(execution.sha256), hashOf(execution)];
  if (entered === undefined || entered === kept) return undefined;
  return `${name}: the ledger has the hash ${entered} of its raw result, and the archive one with ${kept ?? 'nothing'}`;
}
