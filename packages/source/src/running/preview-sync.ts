import { TrafficEventsError } from '@traffic-events/client';

import { accountOutlook } from '../planning/account-outlook.ts';
import type { AccountOutlook } from '../planning/account-outlook.ts';
import { planPartition } from '../planning/plan-partition.ts';
import type { Candidate } from '../planning/plan-partition.ts';
import { membersAllowed, proofAt } from '../state/bundle-record.ts';
import { partitionOf } from '../state/saved-states.ts';
import { accountsToRun } from './accounts-to-run.ts';
import type { AccountToRun } from './account-run.ts';
import { BundleChoice } from './bundle-choice.ts';
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
  const held = (stream: string) => partitionOf(state, stream, accountId);
  const plans = [...account.streams.values()].map((stream) => ({
    stream,
    ...planPartition({
      stream: stream.definition,
      accountId,
      timeZone,
      fingerprint: stream.fingerprint,
      partition: held(stream.definition.name),
      startDate,
      range,
      mayBundle: options.bundle === 'auto',
      nowMs,
      runStartedMs: nowMs,
    }),
  }));
  const names = [...account.streams.keys()];
  const choice = new BundleChoice({
    plans,
    isOn: options.bundle === 'auto',
    maxMembers: Math.min(...names.map((stream) => membersAllowed(held(stream), nowMs))),
    mayCreate: () => true,
    proofOf: (stream, shape) => proofAt(held(stream)?.bundle, shape, nowMs),
  });
  const work = {
    candidates: plans.flatMap(({ candidates }) => candidates),
    inFlight: plans.reduce((sum, { partition }) => sum + partition.in_flight.length, 0),
    together: (candidate: Candidate) => choice.candidatesWith(candidate),
    newStreams: names.filter((stream) => held(stream) === undefined),
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
