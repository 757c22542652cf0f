import { BUNDLE_PROOFS, namedEntry, partitionFault, SLICE_STATUSES } from '@traffic-events/slice';
import type { InstantMs, PartitionChange, PartitionState } from '@traffic-events/slice';
import * as z from 'zod';

import { StateFormatError } from '../errors.ts';

const instant = z.iso.datetime({ offset: true });
const eventDate = z.iso.date();

/** What is left out is as of a date that was never extracted; states of old leave nothing out. */
const tailEntry = z
  .object({
    status: z.enum(SLICE_STATUSES).default('open'),
    execution_id: z.string().nullable().default(null),
    create_time: instant.nullable().default(null),
    row_count: z.int().nullable().default(null),
    main_sum: z.string().nullable().default(null),
    complete: z.boolean().default(false),
    settled: z.boolean().default(false),
    suspect: z.boolean().default(false),
    doubt: z.string().optional(),
    fingerprint: z.string().optional(),
    bundle: z.string().optional(),
    last_create_time: instant.nullish(),
    last_execution_id: z.string().optional(),
    failed_create_time: instant.optional(),
    attempts: z.int().default(0),
    next_try: instant.nullable().default(null),
    last_failure: z.enum(['failure', 'overlap']).optional(),
  })
  .transform(({ last_create_time: last, ...entry }) => ({
    ...entry,
    last_create_time: last === undefined ? entry.create_time : last,
  }));

const inFlightExecution = z.object({
  event_date: eventDate,
  workflow_id: z.string(),
  execution_id: z.string(),
  create_time: instant,
  dated_by: z.enum(['api', 'create', 'unknown']).optional(),
  expire_time: instant.nullable(),
  bundle: z.string().optional(),
});

const bundleRecord = z.object({
  shape: z.string(),
  proof: z.enum(BUNDLE_PROOFS),
  at: instant,
  event_date: eventDate.nullable(),
  reason: z.string().optional(),
  answer: z
    .object({
      event_date: eventDate,
      execution_id: z.string(),
      row_count: z.int(),
      sums: z.record(z.string(), z.string().nullable()),
      suppressed_share: z.number().nullable(),
    })
    .optional(),
});

/** Strict where a loss would go unseen: a partition that cannot be read is never silently new. */
const partition = z.object({
  fingerprint: z.string(),
  renamed: z.record(z.string(), z.string()).optional(),
  since: eventDate,
  bookmark: eventDate.nullable(),
  closed: z.array(z.tuple([eventDate, eventDate])).optional(),
  tail: z.record(eventDate, z.preprocess(namedEntry, tailEntry)),
  in_flight: z.array(inFlightExecution),
  bundle: bundleRecord.optional(),
  bundle_limit: z.object({ members: z.int().min(1), at: instant }).optional(),
});

/** A partition as it was read, or what is wrong with it. */
export type ReadPartition = { readonly state: PartitionState } | { readonly fault: string };

/** Reads the state of a stream and account, wherever it was kept. */
export function readPartition(value: unknown, nowMs?: InstantMs): ReadPartition {
  const { success, data, error } = partition.safeParse(value);
  if (!success) return { fault: issueOf(error) };
  const fault = partitionFault(data, nowMs);
  return fault === undefined ? { state: data } : { fault };
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  const at = issue === undefined || issue.path.length === 0 ? 'value' : issue.path.join('.');
  return `${at}: ${issue?.message ?? 'unreadable'}`;
}

/** States as a warehouse keeps them, read. StateFormatError names the one that is broken. */
export function parseSavedStates<Saved extends PartitionChange>(
  saved: readonly Saved[],
  nowMs?: InstantMs,
): Saved[] {
  return saved.map((row) => {
    const read = readPartition(row.state, nowMs);
    if ('state' in read) return { ...row, state: read.state };
    throw new StateFormatError(
      `The state of ${row.stream} ${row.accountId} in the table _traffic_events_state cannot be used: ${read.fault}. ` +
        'Restore its row from a backup, or delete it: what the API still has is then extracted again, and no better copy is replaced.',
    );
  });
}

/** The partitions with one replaced or added. */
export function withPartition(
  partitions: readonly PartitionChange[],
  change: PartitionChange,
): PartitionChange[] {
  const { stream, accountId, state } = change;
  const at = partitions.findIndex((known) => isOf(known, stream, accountId));
  const changed = { stream, accountId, state };
  return at === -1 ? [...partitions, changed] : partitions.with(at, changed);
}

/** The partition of a stream and account; undefined where there is none. */
export function partitionOf(
  partitions: readonly PartitionChange[],
  stream: string,
  accountId: string,
): PartitionState | undefined {
  return partitions.find((known) => isOf(known, stream, accountId))?.state;
}

function isOf(known: PartitionChange, stream: string, accountId: string): boolean {
  return known.accountId === accountId && known.stream === stream;
}
