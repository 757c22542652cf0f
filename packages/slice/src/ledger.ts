import type { EventDate } from './event-date.ts';
import { SLICE_STATUSES } from './slice.ts';

/** The stream, and the table, that accounts for every execution of every slice. */
export const LEDGER_STREAM = 'extractions';

/** What became of an extraction that leaves its slice as it stood: a better copy was held, or none came. */
export const PASSING_STATUSES = ['kept_better', 'failed'] as const;
export const LEDGER_STATUSES = [...SLICE_STATUSES, ...PASSING_STATUSES] as const;

/** What became of an extraction: how the slice stands from then on, or that it stands as it did. */
export type LedgerStatus = (typeof LEDGER_STATUSES)[number];

/** What the ledger says of a result that is not known. */
export const UNKNOWN_RESULT = {
  row_count: null,
  sums: {},
  suppressed_share: null,
  complete: null,
  settled: null,
  suspect: null,
} as const;

/** A row of the ledger, as it stands on the wire and in the warehouse. */
export interface LedgerRow {
  /**
   * Key: the execution's id, with `:<stream>` behind it where slices of several streams are of one;
   * `close:<stream>:<account>:<date>` when a slice closes without one.
   */
  readonly extraction_id: string;
  readonly stream: string;
  readonly account_id: string;
  readonly marketplace: string;
  readonly event_date: EventDate;
  readonly status: LedgerStatus;
  /** The execution whose rows the slice holds, or that failed; null for a missed slice. */
  readonly execution_id: string | null;
  readonly workflow_id: string | null;
  /** createTime of the execution. ISO 8601, UTC; null where no execution is known. */
  readonly create_time: string | null;
  /** Null where there is no result, or no file of it was to be had. */
  readonly row_count: number | null;
  /** Sum of each main metric by column name, as decimal text; null where it is not known. */
  readonly sums: Readonly<Record<string, string | null>>;
  /** The stream's first main metric in suppressed rows over the same in all rows, 0 to 1. */
  readonly suppressed_share: number | null;
  readonly complete: boolean | null;
  readonly settled: boolean | null;
  readonly suspect: boolean | null;
  /** Hash of the stream's definition when it was extracted. */
  readonly fingerprint: string;
  /** SHA-256 (hex) of the raw file as delivered, of several that of theirs; null where there is none. */
  readonly raw_sha256: string | null;
  readonly reason: string | null;
  readonly run_id: string;
  /** When the row was written, in API time. ISO 8601, UTC. */
  readonly recorded_at: string;
}

/** A slice and the execution that its rows are of. */
type ExecutedSlice = Pick<LedgerRow, 'stream'> & { readonly execution_id: string };

const text = (description: string) => ({ type: 'string', description });
const nullable = (type: string, description: string) => ({ type: ['null', type], description });

/** JSON schema of the ledger's records. */
export const LEDGER_SCHEMA = {
  type: 'object',
  description: 'A row per execution of a slice, and one per slice that closed without one.',
  properties: {
    extraction_id: text(
      'Execution id, with :<stream> behind it where it is of several; close:<stream>:<account>:<date> for a closing without one.',
    ),
    stream: text('Stream of the slice.'),
    account_id: text('Account of the slice.'),
    marketplace: text('Marketplace code of the account.'),
    event_date: { type: 'string', format: 'date', description: 'Event date of the slice.' },
    status: text('settled, open, frozen, partial, missed, kept_better or failed.'),
    execution_id: nullable('string', 'Execution whose rows are held, or that failed.'),
    workflow_id: nullable('string', 'workflowId that was sent.'),
    create_time: {
      type: ['null', 'string'],
      format: 'date-time',
      description: 'createTime of the execution.',
    },
    row_count: nullable('integer', 'Rows of the result; null where nobody knows.'),
    sums: {
      type: 'object',
      description: 'Sum of each main metric as decimal text; null where it is not known.',
      additionalProperties: { type: ['null', 'string'] },
    },
    suppressed_share: nullable(
      'number',
      'Share of the first main metric in suppressed rows, 0 to 1.',
    ),
    complete: nullable('boolean', 'Nothing had expired when it was seen finished.'),
    settled: nullable('boolean', 'Nothing more could arrive when it was created.'),
    suspect: nullable(
      'boolean',
      'In doubt by itself, below half of the copy held, or empty where one is held.',
    ),
    fingerprint: text('Hash of the definition that was extracted.'),
    raw_sha256: nullable(
      'string',
      'SHA-256 of the raw file, hexadecimal; of several that of theirs, in order.',
    ),
    reason: nullable('string', 'Why it failed, was not applied, or closed.'),
    run_id: text('Run that wrote the row.'),
    recorded_at: {
      type: 'string',
      format: 'date-time',
      description: 'When the row was written, in API time.',
    },
  },
} as const;

export const LEDGER_KEY_PROPERTIES = ['extraction_id'] as const;

/** Key of the ledger row of an execution; `sharedBy` is the stream where slices of several are of it. */
export function extractionId(executionId: string, sharedBy: string | null): string {
  return sharedBy === null ? executionId : `${executionId}:${sharedBy}`;
}

/** The keys that the ledger row of a slice's execution may have. */
export function extractionIds(executionId: string, stream: string): string[] {
  return [extractionId(executionId, null), extractionId(executionId, stream)];
}

/** Whether a ledger row tells of this execution of this slice. */
export function isOfExecution(row: LedgerRow, mark: ExecutedSlice): boolean {
  return (
    extractionIds(mark.execution_id, mark.stream).includes(row.extraction_id) &&
    row.stream === mark.stream
  );
}

/** Key of a ledger row for a slice that closes without an execution of its own. */
export function closingId(stream: string, accountId: string, eventDate: EventDate): string {
  return `close:${stream}:${accountId}:${eventDate}`;
}
