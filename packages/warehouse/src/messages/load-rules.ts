import type { NumberMode } from '../tables/column-kind.ts';

/** How the streams of any tap are loaded. Slices and the ledger have their own rules. */
export interface LoadRules {
  /** `upsert` by key, where there is one, else `append`; `overwrite` replaces a table as a whole. */
  readonly method?: 'upsert' | 'append' | 'overwrite' | undefined;
  readonly numberMode: NumberMode;
  readonly letterCase: 'keep' | 'lower';
  /** What becomes of a property whose new type its column cannot hold; an error unless given. */
  readonly typeConflict?: 'error' | 'new_column' | undefined;
  /** `sales-users` is table `users` in schema `sales`. */
  readonly isSchemaInName: boolean;
  /** Whether every table gets Meltano's `_sdc_` columns. */
  readonly hasRecordMetadata: boolean;
  /** Whether rows of versions that are no longer active are deleted, not just marked. */
  readonly isHardDelete: boolean;
  /** Whether ACTIVATE_VERSION ends rows of older versions. */
  readonly obeysVersions: boolean;
  /** Whether records are held to their schema. */
  readonly isValidated: boolean;
  /** What U+0000 becomes; a record that holds it is refused unless given. */
  readonly nulReplacement?: string | undefined;
  /** File for records that are refused, and how many it may take before the load fails. */
  readonly deadLetters?: { readonly path: string; readonly limit: number } | undefined;
  /** Folders that files of BATCH messages may be in; that of a message's first file unless given. */
  readonly batchFolders?: readonly string[] | undefined;
  /** What waits is committed, and the newest state passed on, when this much of it has gathered. */
  readonly drain: DrainLimits;
}

export interface DrainLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

export const DEFAULT_LOAD_RULES: LoadRules = {
  numberMode: 'numeric',
  letterCase: 'keep',
  isSchemaInName: false,
  hasRecordMetadata: false,
  isHardDelete: false,
  obeysVersions: true,
  isValidated: true,
  drain: { maxRows: 100_000, maxBytes: 16 * 1024 * 1024, maxAgeMs: 60_000 },
};
