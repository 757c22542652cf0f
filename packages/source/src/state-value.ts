import type {
  PartitionChange,
  PartitionState,
  StatePartition,
  StateValue,
} from '@traffic-events/slice';
import * as z from 'zod';

import { StateFormatError } from './errors.ts';

const instant = z.iso.datetime({ offset: true });
const eventDate = z.iso.date();

const tailEntry = z.object({
  status: z.enum(['open', 'settled', 'frozen', 'partial', 'missed']),
  execution_id: z.string().nullable(),
  create_time: instant.nullable(),
  row_count: z.int().nullable(),
  main_sum: z.string().nullable(),
  complete: z.boolean(),
  settled: z.boolean(),
  suspect: z.boolean(),
  doubt: z.string().optional(),
  fingerprint: z.string().optional(),
  last_create_time: instant.nullable(),
  last_execution_id: z.string().optional(),
  attempts: z.int(),
  next_try: instant.nullable(),
  last_failure: z.enum(['failure', 'overlap']).optional(),
});

const inFlightExecution = z.object({
  event_date: eventDate,
  workflow_id: z.string(),
  execution_id: z.string(),
  create_time: instant,
  dated_by: z.enum(['api', 'create', 'unknown']).optional(),
  expire_time: instant.nullable(),
});

const partition = z.object({
  context: z.object({ account_id: z.string() }),
  fingerprint: z.string(),
  renamed: z.record(z.string(), z.string()).optional(),
  since: eventDate,
  bookmark: eventDate.nullable(),
  closed: z.array(z.tuple([eventDate, eventDate])).optional(),
  tail: z.record(eventDate, tailEntry),
  in_flight: z.array(inFlightExecution),
});

/** Strict where a loss would go unseen: a partition that cannot be read is never silently new. */
const stateValue = z.object({
  bookmarks: z
    .record(z.string(), z.object({ partitions: z.array(partition).default([]) }))
    .default({}),
});

/** Reads a state value as a tap is given it; `slice` and `run` are left out. */
export function parseStateValue(value: unknown): StateValue {
  const parsed = stateValue.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StateFormatError(
    `The state is not one of this tap: ${issue?.path.join('.') ?? 'value'}: ${issue?.message ?? 'unreadable'}. ` +
      'Pass the last state that the target wrote, or none to extract again what the API still has.',
  );
}

/** The value with one partition replaced or added. */
export function withPartition(value: StateValue, change: PartitionChange): StateValue {
  const before = value.bookmarks[change.stream]?.partitions ?? [];
  const changed: StatePartition = { context: { account_id: change.accountId }, ...change.state };
  const isChanged = (partition: StatePartition) =>
    partition.context.account_id === change.accountId;
  const partitions = before.some(isChanged)
    ? before.map((partition) => (isChanged(partition) ? changed : partition))
    : [...before, changed];
  return { bookmarks: { ...value.bookmarks, [change.stream]: { partitions } } };
}

/** The partition of a stream and account; undefined where there is none. */
export function partitionOf(
  value: StateValue,
  stream: string,
  accountId: string,
): PartitionState | undefined {
  const found = value.bookmarks[stream]?.partitions.find(
    (partition) => partition.context.account_id === accountId,
  );
  if (found === undefined) return undefined;
  const { context: _, ...state } = found;
  return state;
}
