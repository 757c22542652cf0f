import * as z from 'zod';
import type { InstantMs } from './event-date.ts';
import { SLICE_STATUSES } from './slice.ts';
import { partitionFault } from './state-bounds.ts';
import { BUNDLE_PROOFS } from './state.ts';
import type { PartitionState } from './state.ts';
import { namedEntry } from './wire-state.ts';

/** A partition as it was read, or what is wrong with it, in one line. */
export type ReadPartition = { readonly state: PartitionState } | { readonly fault: string };

/** One text serves for those who strip unknown keys, and for those who keep them. */
type ObjectSchema = typeof z.object;

const text = z.string().nullable();

/** What is left out is as of a date that was never extracted; states of old leave nothing out. */
const tailEntry = (object: ObjectSchema) =>
  object({
    status: z.enum(SLICE_STATUSES).default('open'),
    execution_id: text.default(null),
    create_time: text.default(null),
    row_count: z.number().nullable().default(null),
    main_sum: text.default(null),
    complete: z.boolean().default(false),
    settled: z.boolean().default(false),
    suspect: z.boolean().default(false),
    doubt: z.string().optional(),
    fingerprint: z.string().optional(),
    bundle: z.string().optional(),
    last_create_time: text.optional(),
    last_execution_id: z.string().optional(),
    failed_create_time: z.string().optional(),
    attempts: z.number().default(0),
    next_try: text.default(null),
    last_failure: z.enum(['failure', 'overlap']).optional(),
  }).transform(({ last_create_time: last, ...entry }) => ({
    ...entry,
    last_create_time: last === undefined ? entry.create_time : last,
  }));

const inFlightExecution = (object: ObjectSchema) =>
  object({
    event_date: z.string(),
    workflow_id: z.string(),
    execution_id: z.string(),
    create_time: z.string(),
    dated_by: z.enum(['api', 'create', 'unknown']).optional(),
    expire_time: text,
    bundle: z.string().optional(),
  });

const bundleRecord = (object: ObjectSchema) =>
  object({
    shape: z.string(),
    proof: z.enum(BUNDLE_PROOFS),
    at: z.string(),
    event_date: text,
    reason: z.string().optional(),
    answer: object({
      event_date: z.string(),
      execution_id: z.string(),
      row_count: z.number(),
      sums: z.record(z.string(), text),
      suppressed_share: z.number().nullable(),
    }).optional(),
  });

const partition = (object: ObjectSchema) =>
  object({
    fingerprint: z.string(),
    renamed: z.record(z.string(), z.string()).optional(),
    since: z.string(),
    bookmark: text,
    closed: z.array(z.tuple([z.string(), z.string()])).optional(),
    tail: z.record(z.string(), z.preprocess(namedEntry, tailEntry(object))),
    in_flight: z.array(inFlightExecution(object)),
    bundle: bundleRecord(object).optional(),
    bundle_limit: object({ members: z.number(), at: z.string() }).optional(),
  });

const known = partition(z.object);
const whole = partition(z.looseObject as ObjectSchema);

/**
 * Reads the state of a stream and account, for whoever goes on from it. What a newer version has added
 * is left out: it would no longer be true of what is made of the rest.
 */
export function readPartition(value: unknown, nowMs?: InstantMs): ReadPartition {
  const read = shapedBy(known, value);
  const fault = 'state' in read ? partitionFault(read.state, nowMs) : undefined;
  return fault === undefined ? read : { fault };
}

/**
 * Reads one that is passed on as it is, with whatever else it has. Its values are not held to their
 * bounds: a STATE repeats every partition, and `partitionFault` is asked of those that have changed.
 */
export function passedPartition(value: unknown): ReadPartition {
  return shapedBy(whole, value);
}

function shapedBy(schema: z.ZodType<PartitionState>, value: unknown): ReadPartition {
  const { success, data, error } = schema.safeParse(value);
  if (success) return { state: data };
  const [issue] = error.issues;
  const at = issue === undefined || issue.path.length === 0 ? 'value' : issue.path.join('.');
  return { fault: `${at}: ${issue?.message ?? 'unreadable'}` };
}
