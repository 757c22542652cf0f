import type { DownloadedFile } from '@traffic-events/client';
import { heldAccountId } from '@traffic-events/slice';
import type { EventDate, SliceKey } from '@traffic-events/slice';

import type { ArchiveError } from '../errors.ts';

/** What is kept beside the raw result of an execution: enough to load it without the API. */
export interface ArchivedExecution {
  readonly stream: string;
  readonly account_id: string;
  readonly marketplace: string;
  readonly event_date: EventDate;
  readonly fingerprint: string;
  readonly execution_id: string;
  readonly workflow_id: string;
  /** ISO 8601, UTC, as the following ones. */
  readonly create_time: string;
  readonly seen_finished: string;
  readonly extracted_at: string;
  readonly has_data_gaps: boolean;
  /** What the API's list of its files left in doubt; absent in archives of old. */
  readonly doubts?: readonly string[] | undefined;
  /** Why files may be missing; absent in archives of old. */
  readonly may_lack?: readonly string[] | undefined;
  /** Rows by each metadata file that tells; absent in archives of old. */
  readonly stated_rows?: readonly number[] | undefined;
  /** Where it is of several streams: `<stream>.<fingerprint>` of each, as its rows bear them. */
  readonly labels?: readonly string[] | undefined;
  /** Where it is of several streams: of all that could be asked for together with them. */
  readonly shape?: string | undefined;
  /** SHA-256 (hex) of each part as delivered, in order. */
  readonly sha256: readonly string[];
}

/** Whether there is anything to keep: files, or metadata that says that there are no rows. */
export function hasResult(execution: Pick<ArchivedExecution, 'sha256' | 'stated_rows'>): boolean {
  return execution.sha256.length > 0 || (execution.stated_rows ?? []).length > 0;
}

/** The keys of an account among those of an archive: one by each name of its zone. */
export function archivedKeys(accountId: string, archivedIds: readonly string[]): string[] {
  return archivedIds.filter((id) => heldAccountId(accountId, [id]) !== undefined);
}

/** What is asked for of an archive: all of it unless something is said. */
export interface ArchiveSelection extends Partial<SliceKey> {
  /** First and last event date. */
  readonly from?: EventDate;
  readonly to?: EventDate;
}

/** Where raw results are kept for good. */
export interface Archive {
  /**
   * Resolves once the parts are safe; the same execution again changes nothing. Throws DiskError, and
   * leaves nothing, where they cannot be kept.
   */
  put(execution: ArchivedExecution, files: readonly DownloadedFile[]): Promise<void>;
  /**
   * What is kept. What cannot be read of it is told to `onDamage`, and left out; without `onDamage`
   * it is thrown.
   */
  list(
    selection?: ArchiveSelection,
    onDamage?: (damage: ArchiveError) => void,
  ): AsyncIterable<ArchivedExecution>;
  /** Accounts of which anything is kept, under the names that they had then. */
  accountIds(): Promise<readonly string[]>;
  /**
   * Unpacks the parts of an execution into `directory`, checked against their hashes. Throws
   * ArchiveError for parts that are damaged or missing, DiskError for a directory without room.
   */
  get(execution: ArchivedExecution, directory: string): Promise<DownloadedFile[]>;
  /**
   * Keeps the result of an execution as that of another slice from now on. Once more after it was
   * left in the middle, it goes on.
   */
  move(from: ArchivedExecution, to: ArchivedExecution): Promise<void>;
}
