import type { LedgerRow } from '@traffic-events/slice';

import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { parseWorkflowId } from '../running/workflow-id.ts';
import type { JudgedSlice } from './judged-slice.ts';
import type { PlayedWorld } from './play-world.ts';
import { FAR_FUTURE_MS } from './world-truth.ts';
import type { WorldTruth } from './world-truth.ts';

/** Whether each row of the ledger says what was so. */
export async function judgeLedger(
  { sink }: PlayedWorld,
  slices: readonly JudgedSlice[],
  truth: WorldTruth,
): Promise<string[]> {
  const byName = new Map(slices.map((slice) => [slice.name, slice]));
  /** The row of the copy that each slice held at that point. */
  const holding = new Map<string, LedgerRow>();
  const faults: string[] = [];
  for (const row of sink.ledgerRows) {
    const name = `${row.stream} ${row.account_id} ${row.event_date}`;
    const slice = byName.get(name);
    const say = (what: string) => faults.push(`${name}: ${what} (${JSON.stringify(row)})`);
    if (slice === undefined) say('a row of a slice that nobody wanted');
    else if (isClosing(row)) judgeClosing(row, holding.get(name), say);
    else if (row.status === 'failed') judgeFailure(row, truth, say);
    else {
      await judgeResult(row, slice, truth, say);
      if (row.status !== 'kept_better') holding.set(name, row);
    }
  }
  return faults;
}

type Say = (what: string) => void;

function isClosing({ extraction_id: id }: LedgerRow): boolean {
  return id.startsWith('close:');
}

/** What closes, closes on the copy that is held. */
function judgeClosing(row: LedgerRow, held: LedgerRow | undefined, say: Say): void {
  // Of a slice that had closed by a former definition the state knows only that a copy is held.
  const isUnnamed = row.status === 'frozen' && row.execution_id === null && held !== undefined;
  if (!isUnnamed && row.execution_id !== (held?.execution_id ?? null)) {
    say(`closed on another copy than the one held, ${held?.execution_id ?? 'none'}`);
  }
  if (row.status === 'missed' && held !== undefined) say('missed, but held');
  if (row.status === 'partial' && held?.complete !== false) say('partial, but held whole');
  if (row.status === 'frozen' && held?.complete !== true) say('frozen, but not held whole');
}

function judgeFailure(row: LedgerRow, truth: WorldTruth, say: Say): void {
  if (row.row_count !== null) say('failed, and has rows');
  if (row.reason === null || row.reason === '') say('failed for no reason');
  if (row.execution_id !== null && truth.execution(row.execution_id) === undefined) {
    say('failed in an execution that there is not');
  }
}

async function judgeResult(
  row: LedgerRow,
  slice: JudgedSlice,
  truth: WorldTruth,
  say: Say,
): Promise<void> {
  const execution = truth.execution(row.execution_id ?? '');
  if (execution === undefined) return say('of an execution that there is not');
  const parts = parseWorkflowId(execution.workflowId);
  const isOfStream = parts?.stream === row.stream || parts?.stream === BUNDLE_STREAM;
  if (!isOfStream || parts.eventDate !== row.event_date) {
    say(`of the execution ${execution.workflowId}, which is another slice's`);
  }
  const createTimeMs = Date.parse(execution.createTime);
  if (Date.parse(row.create_time ?? '') > createTimeMs) {
    say(`dated later than it was created, at ${execution.createTime}`);
  }
  const { settlesMs, expiresMs } = slice.timing;
  if (row.settled === true && createTimeMs < settlesMs) say('settled too early');
  if (row.complete === true && createTimeMs > expiresMs) say('complete, though a part had expired');
  const isSettled = row.complete === true && row.settled === true && row.suspect === false;
  if (row.status === 'settled' && !isSettled) say('closed as settled, though it is not');
  if (row.row_count === null) return judgeUnknown(row, say);
  return judgeRowSums(row, slice, isSettled ? FAR_FUTURE_MS : createTimeMs, truth, say);
}

/** Of a result of which no file was to be had nothing is claimed. */
function judgeUnknown(row: LedgerRow, say: Say): void {
  if (row.complete !== false || row.suspect !== true) say('not known, and in no doubt');
  if (row.raw_sha256 !== null) say('not known, though there are files of it');
  if (Object.values(row.sums).some((sum) => sum !== null)) say('not known, and yet sums');
  if (row.reason === null) say('not known for no reason');
}

async function judgeRowSums(
  row: LedgerRow,
  slice: JudgedSlice,
  asOfMs: number,
  truth: WorldTruth,
  say: Say,
): Promise<void> {
  const then = await truth.at(slice, asOfMs);
  const right = asOfMs === FAR_FUTURE_MS ? then?.totals : then?.answerable;
  for (const [metric, sum] of Object.entries(row.sums)) {
    const total = right?.[metric];
    if (total !== undefined && sum !== total) say(`${metric} was ${total}`);
  }
}
