import { runSync } from '@traffic-events/source';
import type { Logger } from '@traffic-events/client';
import type { RunSummary, RunSyncOptions } from '@traffic-events/source';

import { notCollected } from './collection.ts';
import type { NotCollected } from './collection.ts';
import { byRange } from './lost-dates.ts';
import type { LostDates } from './lost-dates.ts';
import { rangeReport } from './range-report.ts';
import { RunFailedError } from './run-failed-error.ts';
import type { RangeReport } from './range-report.ts';

/** What a run did, and what it was never going to do. */
export interface ExtractionReport {
  readonly summary: RunSummary;
  readonly notCollected: readonly NotCollected[];
  /** Of a backfill: how much of its range was final already. */
  readonly range: RangeReport | undefined;
  readonly lost: readonly LostDates[];
}

/** Runs an extraction, and says in the log what is left out of it. RunFailedError where it breaks off. */
export async function runExtraction(
  options: RunSyncOptions & { readonly logger: Logger },
): Promise<ExtractionReport> {
  const { accounts, streams, state, range: given, logger } = options;
  const left = notCollected(accounts, streams, state);
  for (const fields of left) logger.info({ ...fields }, 'account.not_collected');
  const range = given === undefined ? undefined : rangeReport(given, { accounts, streams, state });
  if (range !== undefined && range.closed > 0) logger.info({ ...range }, 'range.held');
  const summary = await summaryOf(options);
  const lost = byRange(summary.beforeStart);
  for (const { accountId, from, to, streams: names } of lost) {
    const fields = { account_id: accountId, from, to, streams: names };
    logger.warn(fields, 'start_date.out_of_reach');
  }
  return { summary, notCollected: left, range, lost };
}

async function summaryOf(options: RunSyncOptions): Promise<RunSummary> {
  let soFar: RunSummary | undefined;
  try {
    return await runSync({ ...options, onFailed: (summary) => (soFar = summary) });
  } catch (error) {
    throw soFar === undefined ? error : new RunFailedError(error, soFar);
  }
}
