import { describeSlice } from '@traffic-events/slice';
import type { RunSummary } from '@traffic-events/source';

import { gravestExitCode } from '../exit/exit-code.ts';
import type { ExitCode } from '../exit/exit-code.ts';
import { exitCodeOfError, OutcomeError } from '../exit/exit-code-of-error.ts';
import { exitCodeOfRun } from './exit-code-of-run.ts';

const MAX_LISTED = 20;

/** What ended a run, with what the run did until then; its message names the dates at risk. */
export class RunFailedError extends OutcomeError {
  override readonly name = 'RunFailedError';
  readonly summary: RunSummary;
  /** The gravest of what ended the run and of what it had come to. */
  readonly exitCode: ExitCode;

  constructor(cause: unknown, summary: RunSummary) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${reason}${describeRisks(summary)}`, { cause });
    this.summary = summary;
    this.exitCode = gravestExitCode([exitCodeOfError(cause), exitCodeOfRun(summary)]);
  }
}

function describeRisks({ atRisk }: RunSummary): string {
  if (atRisk.length === 0) return '';
  const listed = atRisk.slice(0, MAX_LISTED).map((slice) => `\n  ${describeSlice(slice)}`);
  const rest = atRisk.length - listed.length;
  const more = rest > 0 ? `\n  … and ${rest} more` : '';
  return `\nAt risk, less than 48 hours remain; run again soon:${listed.join('')}${more}`;
}
