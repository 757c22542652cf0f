import { partitionsOf, streamsOf } from '@traffic-events/singer';
import { partitionFault, passedPartition } from '@traffic-events/slice';
import type { InstantMs, RunMark, SliceMark } from '@traffic-events/slice';
import { z } from 'zod';
import { StateError } from '../errors.ts';
import type { ClaimedPartition } from './state-gate.ts';

/** Whose state it is; of a stranger's partitions, nobody's. */
const owned = z.object({ context: z.object({ account_id: z.string() }) });

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
    if (!OURS.every((key) => key in candidate)) return [];
    const { success, data } = owned.safeParse(candidate);
    if (!success)
      throw new StateError(`${stream}: context.account_id: expected the key of an account`);
    const { account_id: accountId } = data.context;
    const { context: _, ...own } = candidate;
    const read = passedPartition(own);
    if ('fault' in read) throw new StateError(`${stream} ${accountId}: ${read.fault}`);
    return [{ stream, accountId, state: read.state }];
  });
}

/** No other tap has all of these in its partitions. */
const OURS = ['fingerprint', 'since', 'tail', 'in_flight'];
