import { partitionsOf, streamsOf } from '@traffic-events/singer';
import { namedEntry, partitionFault, SLICE_STATUSES } from '@traffic-events/slice';
import type { InstantMs, RunMark, SliceMark } from '@traffic-events/slice';
import { z } from 'zod';
import { StateError } from '../errors.ts';
import type { ClaimedPartition } from './state-gate.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const flag = z.boolean().default(false);

/** What is left out is as of a date that was never extracted. */
const tailEntry = z
  .looseObject({
    status: z.enum(SLICE_STATUSES).default('open'),
    execution_id: text,
    create_time: text,
    row_count: z
      .number()
      .nullish()
      .transform((value) => value ?? null),
    main_sum: text,
    complete: flag,
    settled: flag,
    suspect: flag,
    last_create_time: z.string().nullish(),
    attempts: z.number().default(0),
    next_try: text,
  })
  .transform(({ last_create_time: last, ...entry }) => ({
    ...entry,
    last_create_time: last === undefined ? entry.create_time : last,
  }));

const partition = z.looseObject({
  context: z.object({ account_id: z.string() }),
  fingerprint: z.string(),
  renamed: z.record(z.string(), z.string()).optional(),
  since: z.string(),
  bookmark: text,
  closed: z.array(z.tuple([z.string(), z.string()])).optional(),
  tail: z.record(z.string(), z.preprocess(namedEntry, tailEntry)),
  in_flight: z.array(
    z.looseObject({
      event_date: z.string(),
      workflow_id: z.string(),
      execution_id: z.string(),
      create_time: z.string(),
      expire_time: text,
    }),
  ),
});

const sliceMark = z.object({
  stream: z.string(),
  account_id: z.string(),
  event_date: z.string(),
  execution_id: z.string(),
  row_count: z.number(),
  complete: z.boolean(),
  settled: z.boolean(),
  suspect: z.boolean(),
});

/** A batch has some dozens. */
const MAX_SLICES = 10_000;
const sliceMarks = z.array(sliceMark).max(MAX_SLICES);

const runMark = z.object({ id: z.string(), started_at: z.string() });

/** What a STATE of our tap says; of a stranger's, nothing is found. */
export interface ReadState {
  readonly partitions: readonly ClaimedPartition[];
  /** What it closes, in the order in which it came. */
  readonly slices: readonly SliceMark[];
  readonly run: RunMark | undefined;
}

const NOTHING: ReadState = { partitions: [], slices: [], run: undefined };

/**
 * Reads the value of a STATE. Partitions of another make are left out: they are not ours to judge.
 * Throws StateError for one of ours that cannot be read.
 */
export function readState(value: unknown): ReadState {
  if (typeof value !== 'object' || value === null) return NOTHING;
  const state = value as Readonly<Record<string, unknown>>;
  return {
    partitions: streamsOf(state).flatMap((stream) => claimedPartitions(state, stream)),
    slices: closedSlices(state),
    run: runMark.safeParse(state['run']).data,
  };
}

/** A STATE names the slice that it closes, or all of them where there are several. */
function closedSlices(state: Readonly<Record<string, unknown>>): SliceMark[] {
  const { success, data } = sliceMark.safeParse(state['slice']);
  if (!('slices' in state) || !('run' in state)) return success ? [data] : [];
  const parsed = sliceMarks.safeParse(state['slices']);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StateError(`slices.${issue?.path.join('.')}: ${issue?.message}`);
}

/** Throws StateError where a state claims what no run can have written. */
export function refuseFaults(partitions: readonly ClaimedPartition[], nowMs: InstantMs): void {
  for (const { stream, accountId, state } of partitions) {
    const fault = partitionFault(state, nowMs);
    if (fault !== undefined) throw new StateError(`${stream} ${accountId}: ${fault}`);
  }
}

function claimedPartitions(
  state: Readonly<Record<string, unknown>>,
  stream: string,
): ClaimedPartition[] {
  return partitionsOf(state, stream).flatMap((candidate) => {
    const parsed = partition.safeParse(candidate);
    if (parsed.success) {
      const { context, ...own } = parsed.data;
      return [{ stream, accountId: context.account_id, state: own }];
    }
    if (!OURS.every((key) => key in candidate)) return [];
    const [issue] = parsed.error.issues;
    const { account_id: accountId = '' } = candidate.context;
    throw new StateError(`${stream} ${accountId}: ${issue?.path.join('.')}: ${issue?.message}`);
  });
}

/** No other tap has all of these in its partitions. */
const OURS = ['fingerprint', 'since', 'tail', 'in_flight'];
