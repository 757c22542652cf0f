import type { ColumnKind } from './column-kind.ts';

/** What is known about a record beside its properties. */
export interface Envelope {
  readonly timeExtracted?: string | undefined;
  readonly version?: number | undefined;
}

/** When things happened, epoch milliseconds of the loader's clock. */
export interface LoadTimes {
  readonly syncStartedMs: number;
  readonly batchedMs: number;
  readonly receivedMs: number;
}

/** Columns that a version of a table needs; see ACTIVATE_VERSION. */
export const VERSION_COLUMN = '_sdc_table_version';
export const DELETED_COLUMN = '_sdc_deleted_at';

/** A column that the loader fills, named as Meltano's SDK names it. */
export interface MetadataColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  valueOf(envelope: Envelope, times: LoadTimes): unknown;
}

const iso = (ms: number) => new Date(ms).toISOString();

const VERSION_COLUMNS: readonly MetadataColumn[] = [
  { name: DELETED_COLUMN, kind: 'timestamp', valueOf: () => null },
  { name: VERSION_COLUMN, kind: 'integer', valueOf: ({ version }) => version ?? null },
];

const RECORD_COLUMNS: readonly MetadataColumn[] = [
  {
    name: '_sdc_extracted_at',
    kind: 'timestamp',
    valueOf: ({ timeExtracted }, { receivedMs }) => timeExtracted ?? iso(receivedMs),
  },
  { name: '_sdc_received_at', kind: 'timestamp', valueOf: (_, times) => iso(times.receivedMs) },
  { name: '_sdc_batched_at', kind: 'timestamp', valueOf: (_, times) => iso(times.batchedMs) },
  { name: '_sdc_sequence', kind: 'integer', valueOf: (_, times) => times.receivedMs },
  { name: '_sdc_sync_started_at', kind: 'integer', valueOf: (_, times) => times.syncStartedMs },
];

/** `record`: all of them; `version`: those that versions of a table need. */
export function metadataColumns(kind: 'none' | 'version' | 'record'): readonly MetadataColumn[] {
  if (kind === 'none') return [];
  return kind === 'version' ? VERSION_COLUMNS : [...RECORD_COLUMNS, ...VERSION_COLUMNS];
}
