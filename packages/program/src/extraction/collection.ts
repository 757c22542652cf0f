import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { builtInStreams, withStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';

import { ConfigError } from '../config-error.ts';

/** What is left out of an account. */
export interface NotCollected {
  readonly account_id: string;
  /** Tables and reports of its kind that no stream reads. */
  readonly data_sources: readonly string[];
  /** Streams that are held, and that the configuration no longer lists. */
  readonly no_longer: readonly string[];
}

/**
 * Refuses an account that would never be asked for anything, and a stream that no account is asked
 * for: `named` are the streams that somebody chose one by one.
 */
export function refuseIdle(
  accounts: readonly Account[],
  streams: readonly StreamDefinition[],
  named: readonly string[] = [],
): void {
  const problems = accounts.flatMap((account) => idleAccount(account, streams));
  const kinds = new Set(accounts.map(({ kind }) => kind));
  const idle = streams.filter(
    ({ name, accountKind }) => named.includes(name) && !kinds.has(accountKind),
  );
  if (idle.length > 0) problems.push(idleStreams(accounts, idle));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

/** Refuses a selection of a catalog by which no account is asked for anything. */
export function refuseEmpty(
  accounts: readonly Account[],
  streams: readonly StreamDefinition[],
): void {
  const problems = accounts.flatMap((account) => idleAccount(account, streams));
  if (problems.length === accounts.length) throw new ConfigError(problems.join('\n'));
}

/** A stream of an account that was extracted before. */
interface HeldPartition {
  readonly stream: string;
  readonly accountId: string;
}

/** By account, what is left out of what the API has, and of what is `held`. */
export function notCollected(
  accounts: readonly Account[],
  streams: readonly StreamDefinition[],
  held: readonly HeldPartition[] = [],
): NotCollected[] {
  return accounts
    .map((account) => ({
      account_id: accountKey(account),
      data_sources: sourcesLeftOut(account, streams),
      no_longer: streamsLeftOut(account, streams, held),
    }))
    .filter(({ data_sources, no_longer }) => data_sources.length + no_longer.length > 0);
}

/** For people. */
export function describeNotCollected(all: readonly NotCollected[]): string[] {
  return all.flatMap(({ account_id, data_sources, no_longer }) => [
    ...(data_sources.length === 0
      ? []
      : [`Not collected of ${account_id}: ${data_sources.join(', ')}. ${ADVICE}`]),
    ...(no_longer.length === 0
      ? []
      : [`No longer collected of ${account_id}, and held: ${no_longer.join(', ')}. ${ADVICE}`]),
  ]);
}

const ADVICE = 'List them in streams if they are wanted: the API keeps events for 30 days.';

function sourcesLeftOut(account: Account, streams: readonly StreamDefinition[]): string[] {
  const asked = [...withStreams(account, streams).streams.values()];
  const collected = new Set(asked.flatMap(({ definition }) => definition.dataSources));
  const isItsKind = ({ accountKind }: StreamDefinition) => accountKind === account.kind;
  const sources = new Set(builtIn.filter(isItsKind).flatMap(({ dataSources }) => dataSources));
  return [...sources].filter((source) => !collected.has(source));
}

function streamsLeftOut(
  account: Account,
  streams: readonly StreamDefinition[],
  held: readonly HeldPartition[],
): string[] {
  const names = new Set(namesFor(account, streams));
  const key = accountKey(account);
  return held
    .filter(({ accountId, stream }) => accountId === key && !names.has(stream))
    .map(({ stream }) => stream);
}

const builtIn = builtInStreams();

function namesFor(account: Account, streams: readonly StreamDefinition[]): string[] {
  return [...withStreams(account, streams).streams.keys()];
}

function idleAccount(account: Account, streams: readonly StreamDefinition[]): string[] {
  if (namesFor(account, streams).length > 0) return [];
  const names = streams.map(({ name }) => name).join(', ');
  const possible = namesFor(account, builtIn).join(', ');
  const chosen = names === '' ? 'none is chosen' : `chosen are ${names}`;
  return [
    `accounts: no stream applies to ${accountKey(account)}: ${chosen}. Add one of ${possible}, or leave the account out.`,
  ];
}

function idleStreams(accounts: readonly Account[], streams: readonly StreamDefinition[]): string {
  const keys = accounts.map(accountKey).join(', ');
  return `streams: ${streams.map(({ name }) => name).join(', ')} applies to none of the accounts (${keys}). Add an account of its kind, or leave it out.`;
}
