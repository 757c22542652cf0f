import { partitionsOf, streamsOf } from '@traffic-events/singer';
import { z } from 'zod';
import type { RunMark, SliceMark } from '@traffic-events/slice';
import type { ClaimedPartition } from './state-gate.ts';

const instant = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const tailEntry = z.looseObject({
  status: z.enum(['open', 'settled', 'frozen', 'partial', 'missed']),
  execution_id: text,
  create_time: instant,
  row_count: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  main_sum: text,
  complete: z.boolean(),
  settled: z.boolean(),
  suspect: z.boolean(),
  last_create_time: instant,
  attempts: z.number(),
  next_try: instant,
});

const partition = z.looseObject({
  context: z.object({ account_id: z.string() }),
  fingerprint: z.string(),
  renamed: z.record(z.string(), z.string()).optional(),
  since: z.string(),
  bookmark: text,
  closed: z.array(z.tuple([z.string(), z.string()])).optional(),
  tail: z.record(z.string(), tailEntry),
  in_flight: z.array(
    z.looseObject({
      event_date: z.string(),
      workflow_id: z.string(),
      execution_id: z.string(),
      create_time: z.string(),
      expire_time: instant,
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

const runMark = z.object({ id: z.string(), started_at: z.string() });

/** What a STATE of our tap says; of a stranger's, nothing is found. */
export interface ReadState {
  readonly partitions: readonly ClaimedPartition[];
  readonly slice: SliceMark | undefined;
  readonly run: RunMark | undefined;
}

const NOTHING: ReadState = { partitions: [], slice: undefined, run: undefined };

/** Reads the value of a STATE. Partitions of another make are left out: they are not ours to judge. */
export function readState(value: unknown): ReadState {
  if (typeof value !== 'object' || value === null) return NOTHING;
  const state = value as Readonly<Record<string, unknown>>;
  return {
    partitions: streamsOf(state).flatMap((stream) => claimedPartitions(state, stream)),
    slice: sliceMark.safeParse(state['slice']).data,
    run: runMark.safeParse(state['run']).data,
  };
}

function claimedPartitions(
  state: Readonly<Record<string, unknown>>,
  stream: string,
): ClaimedPartition[] {
  return partitionsOf(state, stream).flatMap((candidate) => {
    const parsed = partition.safeParse(candidate);
    if (!parsed.success) return [];
    const { context, ...own } = parsed.data;
    return [{ stream, accountId: context.account_id, state: own }];
  });
}
