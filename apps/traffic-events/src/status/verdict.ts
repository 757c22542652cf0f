import { EXIT, gravestExitCode } from '@traffic-events/program';
import type { ExitCode } from '@traffic-events/program';
import type { InstantMs } from '@traffic-events/slice';
import type { StreamReport } from './stream-report.ts';

/** A stream of an account. */
export interface StreamOfAccount {
  readonly stream: string;
  readonly account_id: string;
}

/** Something that somebody should look at. */
export interface Concern extends StreamOfAccount {
  /** The exit code that stands for it. */
  readonly exit_code: ExitCode;
  readonly text: string;
}

/** What `--check` ends with. */
export interface Verdict {
  readonly exit_code: ExitCode;
  readonly findings: readonly Concern[];
}

const HOUR_MS = 3_600_000;

/** A sync a day may be late by half of one. */
const STALE_HOURS = 36;

/** Of the streams that are collected; what was missed is told until the stream's next run. */
export function verdictOf(
  streams: readonly StreamReport[],
  notStarted: readonly StreamOfAccount[],
  nowMs: InstantMs,
): Verdict {
  const collected = streams.filter((stream) => stream.is_collected);
  const findings = [
    ...collected.flatMap((stream) => findingsOf(stream, nowMs)),
    ...notStarted.map((each) => ({ ...each, exit_code: EXIT.slicesFailed, text: 'never loaded' })),
  ];
  return { exit_code: gravestExitCode(findings.map((each) => each.exit_code)), findings };
}

function findingsOf(report: StreamReport, nowMs: InstantMs): Concern[] {
  const { stream, account_id, at_risk, newly_missed_dates, retries, last_run } = report;
  const finding = (exit_code: ExitCode, text: string): Concern => ({
    exit_code,
    account_id,
    stream,
    text,
  });
  const ageHours = Math.floor((nowMs - Date.parse(last_run.saved_at)) / HOUR_MS);
  const failing = retries.filter(({ waits_for }) => waits_for === 'failure');
  return [
    ...at_risk.map(({ event_date, hours_left }) =>
      finding(EXIT.dateAtRisk, `${event_date} is at risk: ${hours_left} hours left`),
    ),
    ...(newly_missed_dates.length === 0
      ? []
      : [finding(EXIT.dateAtRisk, `lost by the last run: ${newly_missed_dates.join(', ')}`)]),
    ...(failing.length === 0
      ? []
      : [
          finding(
            EXIT.slicesFailed,
            `waits for another try: ${failing.map((each) => each.event_date).join(', ')}`,
          ),
        ]),
    ...(ageHours < STALE_HOURS
      ? []
      : [
          finding(EXIT.slicesFailed, `not asked for since ${last_run.saved_at}: ${ageHours} hours`),
        ]),
  ];
}

/** For people: what else stands in the table and below it is told by a check alone. */
export function describeFindings({ findings }: Verdict, isCheck: boolean): string[] {
  return findings
    .filter(({ exit_code: code }) => isCheck || code === EXIT.dateAtRisk)
    .map(({ account_id, stream, text }) => `${stream} ${account_id}: ${text}`);
}
