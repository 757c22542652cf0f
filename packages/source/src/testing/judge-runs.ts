import type { LedgerRow } from '@traffic-events/slice';

import { outcomeOf } from '../running/run-summary.ts';
import type { RunSummary } from '../running/run-summary.ts';
import { REFRESH_MS, URGENT_MS } from '../streams/timing.ts';
import { isCalm, isCrowding } from './calm.ts';
import { isWantedBy } from './judged-slice.ts';
import type { JudgedSlice } from './judged-slice.ts';
import type { PlayedRun } from './play-run.ts';
import type { PlayedWorld } from './play-world.ts';

/** The API's time comes in whole seconds, and a run's last words a little before its end. */
const TOLERANCE_MS = 120_000;

/** Whether each run said by its exit code how it stood. */
export function judgeRuns(played: PlayedWorld, slices: readonly JudgedSlice[]): string[] {
  return played.runs.flatMap((run, index) => {
    const said = (fault: string) =>
      `run ${index} at ${new Date(run.startedMs).toISOString()}: ${fault}`;
    if (run.summary === undefined) return judgeUnfinished(run, played).map(said);
    return judgeCode(run, run.summary, played, slices).map(said);
  });
}

/** A run whose configuration was refused has changed nothing. */
function judgeUnfinished(run: PlayedRun, { executions, runs }: PlayedWorld): string[] {
  if (!run.wasRefused) return [];
  const faults: string[] = [];
  if (run.ledgerTo !== run.ledgerFrom) faults.push('was refused, and wrote to the ledger');
  const before = runs[runs.indexOf(run) - 1];
  if (before !== undefined && run.state !== before.state) faults.push('was refused, and saved');
  const created = executions.filter(({ createTime }) => {
    const createMs = Date.parse(createTime);
    return createMs >= run.startedMs && createMs < run.endedMs;
  });
  if (created.length > 0) faults.push('was refused, and created executions');
  return faults;
}

function judgeCode(
  run: PlayedRun,
  summary: RunSummary,
  played: PlayedWorld,
  slices: readonly JudgedSlice[],
): string[] {
  const { planned, sink, runs } = played;
  const outcome = outcomeOf(summary);
  const rows = sink.ledgerRows.slice(run.ledgerFrom, run.ledgerTo);
  const lost = rows.filter(({ status }) => status === 'missed' || status === 'partial');
  const wanted = slices.filter((slice) => isWantedBy(run, slice));
  const faults: string[] = [];
  const risky = wanted.filter((slice) => isAtRisk(slice, run, -TOLERANCE_MS));
  if (outcome !== 'dateAtRisk' && lost.length > 0)
    faults.push(`ended ${outcome}, and lost ${namesOf(lost)}`);
  if (outcome !== 'dateAtRisk' && risky.length > 0) {
    faults.push(`ended ${outcome}, and left at risk ${risky.map(({ name }) => name).join(', ')}`);
  }
  const mayBeRisky = slices.some((slice) => isAtRisk(slice, run, TOLERANCE_MS));
  if (outcome === 'dateAtRisk' && lost.length === 0 && !mayBeRisky) {
    faults.push(`ended dateAtRisk for nothing: ${JSON.stringify(summary)}`);
  }
  if (outcome === 'done') {
    const upTo = sink.ledgerRows.slice(0, run.ledgerTo);
    faults.push(...wanted.flatMap((slice) => judgeWell(slice, run, upTo)));
  }
  const hasFailed = outcome === 'slicesFailed' || outcome === 'service';
  if (hasFailed && isCalm(run, runs) && !isCrowding(planned)) {
    faults.push(`ended ${outcome} though nothing went wrong: ${JSON.stringify(summary)}`);
  }
  return faults;
}

/** Less than 48 hours are left, and there is no complete copy. */
function isAtRisk({ name, timing }: JudgedSlice, run: PlayedRun, toleranceMs: number): boolean {
  const remainingMs = timing.expiresMs - run.endedMs;
  const isSoon = remainingMs > -toleranceMs && remainingMs < URGENT_MS + toleranceMs;
  return isSoon && run.held.get(name)?.complete !== true;
}

/** After a run in which all was well, everything within reach is held, and as new as can be. */
function judgeWell(slice: JudgedSlice, run: PlayedRun, ledger: readonly LedgerRow[]): string[] {
  const { name, timing } = slice;
  if (timing.expiresMs <= run.endedMs) return [];
  const copy = run.held.get(name);
  if (copy === undefined) return [`ended 0, and ${name} is not held`];
  const own = ledger.filter(
    (row) =>
      `${row.stream} ${row.account_id} ${row.event_date}` === name && row.status !== 'failed',
  );
  const isClosed = own.some(({ status }) => status !== 'open' && status !== 'kept_better');
  const newestMs = Math.max(...own.map(({ recorded_at: at }) => Date.parse(at)));
  const neededMs =
    run.startedMs >= timing.settlesMs ? timing.settlesMs : run.startedMs - REFRESH_MS;
  if (isClosed || newestMs >= Math.min(neededMs, run.startedMs - TOLERANCE_MS)) return [];
  return [`ended 0, and ${name} was last asked for at ${new Date(newestMs).toISOString()}`];
}

function namesOf(rows: readonly LedgerRow[]): string {
  return rows.map((row) => `${row.stream} ${row.account_id} ${row.event_date}`).join(', ');
}
