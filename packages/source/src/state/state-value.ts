import { namedEntry, partitionFault } from '@traffic-events/slice';
import type {
  InstantMs,
  PartitionChange,
  PartitionState,
  StatePartition,
  StateValue,
} from '@traffic-events/slice';
import * as z from 'zod';

import { StateFormatError } from '../errors.ts';

const instant = z.iso.datetime({ offset: true });
const eventDate = z.iso.date();

/** What is left out is as of a date that was never extracted; states of old leave nothing out. */
const tailEntry = z
  .object({
    status: z.enum(['open', 'settled', 'frozen', 'partial', 'missed']).default('open'),
    execution_id: z.string().nullable().default(null),
    create_time: instant.nullable().default(null),
    row_count: z.int().nullable().default(null),
    main_sum: z.string().nullable().default(null),
    complete: z.boolean().default(false),
    settled: z.boolean().default(false),
    suspect: z.boolean().default(false),
    doubt: z.string().optional(),
    fingerprint: z.string().optional(),
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
});

const partition = z.object({
  context: z.object({ account_id: z.string() }),
  fingerprint: z.string(),
  renamed: z.record(z.string(), z.string()).optional(),
  since: eventDate,
  bookmark: eventDate.nullable(),
  closed: z.array(z.tuple([eventDate, eventDate])).optional(),
  tail: z.record(eventDate, z.preprocess(namedEntry, tailEntry)),
  in_flight: z.array(inFlightExecution),
});

/** Strict where a loss would go unseen: a partition that cannot be read is never silently new. */
const stateValue = z.object({
  bookmarks: z
    .record(z.string(), z.object({ partitions: z.array(partition).default([]) }))
    .default({}),
});

/** Reads a state value as a tap is given it; `slice` and `run` are left out. */
export function parseStateValue(value: unknown, nowMs?: InstantMs): StateValue {
  const parsed = stateValue.safeParse(value ?? {});
  const fault = parsed.success ? faultOf(parsed.data, nowMs) : issueOf(parsed.error);
  if (parsed.success && fault === undefined) return parsed.data;
  throw new StateFormatError(
    `The state is not one of this tap: ${fault}. ` +
      'Pass the last state that the target wrote, or none to extract again what the API still has.',
  );
}

function faultOf({ bookmarks }: StateValue, nowMs: InstantMs | undefined): string | undefined {
  for (const [stream, { partitions }] of Object.entries(bookmarks)) {
    for (const { context, ...state } of partitions) {
      const fault = partitionFault(state, nowMs);
      if (fault !== undefined) return `${stream} ${context.account_id}: ${fault}`;
    }
  }
  return undefined;
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? 'value'}: ${issue?.message ?? 'unreadable'}`;
}

/** States as a warehouse keeps them, read. StateFormatError names the one that is broken. */
export function parseSavedStates<Saved extends PartitionChange>(
  saved: readonly Saved[],
  nowMs?: InstantMs,
): Saved[] {
  return saved.map((row) => {
    const { stream, accountId } = row;
    const parsed = partition.safeParse({ ...row.state, context: { account_id: accountId } });
    const fault = parsed.success ? partitionFault(parsed.data, nowMs) : issueOf(parsed.error);
    if (parsed.success && fault === undefined) {
      const { context: _, ...state } = parsed.data;
      return { ...row, state };
    }
    throw new StateFormatError(
      `The state of ${stream} ${accountId} in the table _traffic_events_state cannot be used: ${fault}. ` +
        'Restore its row from a backup, or delete it: what the API still has is then extracted again, and no better copy is replaced.',
    );
  });
}

/** The value with one partition replaced or added. */
export function withPartition(value: StateValue, change: PartitionChange): StateValue {
  const before = partitionsOf(value, change.stream);
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
  const found = partitionsOf(value, stream).find(
    (partition) => partition.context.account_id === accountId,
  );
  if (found === undefined) return undefined;
  const { context: _, ...state } = found;
  return state;
}

/** A stream may have the name of what every object inherits. */
function partitionsOf({ bookmarks }: StateValue, stream: string): readonly StatePartition[] {
  return (Object.hasOwn(bookmarks, stream) ? bookmarks[stream]?.partitions : undefined) ?? [];
}
