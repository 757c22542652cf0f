import { TrafficEventsError } from '@traffic-events/client';

import { accountOutlook } from '../planning/account-outlook.ts';
import type { AccountOutlook } from '../planning/account-outlook.ts';
import { planPartition } from '../planning/plan-partition.ts';
import { partitionOf } from '../state/saved-states.ts';
import { accountsToRun } from './accounts-to-run.ts';
import type { AccountToRun } from './account-run.ts';
import { listOwn } from './adoption.ts';
import { MAX_ACTIVE_EXECUTIONS } from './run-sync.ts';
import type { RunSyncOptions } from './run-sync.ts';

type PreviewOptions = Omit<RunSyncOptions, 'sink' | 'clock' | 'archive' | 'directory'>;

/** What a run would find ahead of it, account by account; nothing is created, and no lease is taken. */
export async function previewSync(options: PreviewOptions): Promise<AccountOutlook[]> {
  const { accounts, state } = accountsToRun(options);
  return Promise.all(accounts.map((account) => previewAccount({ ...options, state }, account)));
}

async function previewAccount(
  options: PreviewOptions,
  account: AccountToRun,
): Promise<AccountOutlook> {
  // The list comes first: the plan then goes by the API's own clock.
  const durationsMs = await durationsOf(options, account);
  const { client, state, startDate, range, slots, maxExecutionsPerDay } = options;
  const { accountId } = account;
  const timeZone = account.account.timeZone ?? 'UTC';
  const nowMs = client.apiTimeMs();
  const plans = [...account.streams.values()].map(({ definition, fingerprint }) =>
    planPartition({
      stream: definition,
      accountId,
      timeZone,
      fingerprint,
      partition: partitionOf(state, definition.name, accountId),
      startDate,
      range,
      mayBundle: options.bundle === 'auto',
      nowMs,
      runStartedMs: nowMs,
    }),
  );
  const work = {
    candidates: plans.flatMap(({ candidates }) => candidates),
    inFlight: plans.reduce((sum, { partition }) => sum + partition.in_flight.length, 0),
    slots: slots ?? MAX_ACTIVE_EXECUTIONS,
    maxExecutionsPerDay: maxExecutionsPerDay ?? Infinity,
    nowMs,
  };
  return accountOutlook(accountId, work, durationsMs);
}

/** How long this project's executions of the last day took; none where the API has no list. */
async function durationsOf(
  { client, state, signal, logger }: PreviewOptions,
  { account, accountId, streams }: AccountToRun,
): Promise<readonly number[]> {
  const tell = (reason: string) =>
    logger?.warn({ account_id: accountId, reason }, 'run.list_unavailable');
  try {
    const own = await listOwn({
      account: client.account(account),
      streams,
      partition: (stream) => partitionOf(state, stream, accountId),
      nowMs: client.apiTimeMs(),
      signal: signal ?? new AbortController().signal,
      onDoubt: tell,
    });
    return own.durationsMs;
  } catch (error) {
    if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
    tell(error.message);
    return [];
  }
}
