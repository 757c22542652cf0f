import { describeSlice } from '@traffic-events/slice';
import type { RunSummary } from '@traffic-events/source';

const MAX_LISTED = 20;

/** What ended a run, with what the run did until then; its message names the dates at risk. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  readonly summary: RunSummary;

  constructor(cause: unknown, summary: RunSummary) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${reason}${describeRisks(summary)}`, { cause });
    this.summary = summary;
  }
}

function describeRisks({ atRisk }: RunSummary): string {
  if (atRisk.length === 0) return '';
  const listed = atRisk.slice(0, MAX_LISTED).map((slice) => `\n  ${describeSlice(slice)}`);
  const rest = atRisk.length - listed.length;
  const more = rest > 0 ? `\n  … and ${rest} more` : '';
  return `\nAt risk, less than 48 hours remain; run again soon:${listed.join('')}${more}`;
}
