import type { DownloadedFile } from './fetch-part.ts';

/** A result as it was downloaded, and what is known of it beside its files. */
export interface DownloadedResult {
  /**
   * The part files in order; a part may have no bytes. None where the API listed none, which by
   * itself does not say that the result has no rows.
   */
  readonly files: readonly DownloadedFile[];
  /** Rows of the result by each metadata file that tells; empty where none does. */
  readonly statedRows: readonly number[];
  /** Why the files may not be the result, in words; empty where nothing speaks against them. */
  readonly doubts: readonly string[];
  /** Why files may be missing, unless `statedRows` are those of the whole and the files have them. */
  readonly mayLack: readonly string[];
}
