import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { builtInStreams, withStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';

import { ConfigError } from '../config-error.ts';

/** What the API has of an account, and no stream that is extracted reads. */
export interface NotCollected {
  readonly account_id: string;
  readonly data_sources: readonly string[];
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
  const asked = new Set(accounts.flatMap((account) => namesFor(account, streams)));
  const idle = named.filter((name) => !asked.has(name));
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

/** By account, the tables and reports of its kind that are left out. */
export function notCollected(
  accounts: readonly Account[],
  streams: readonly StreamDefinition[],
): NotCollected[] {
  return accounts.flatMap((account) => {
    const isItsKind = ({ accountKind }: StreamDefinition) => accountKind === account.kind;
    const collected = new Set(streams.filter(isItsKind).flatMap(({ dataSources }) => dataSources));
    const sources = new Set(builtIn.filter(isItsKind).flatMap(({ dataSources }) => dataSources));
    const left = [...sources].filter((source) => !collected.has(source));
    return left.length === 0 ? [] : [{ account_id: accountKey(account), data_sources: left }];
  });
}

/** For people. */
export function describeNotCollected(all: readonly NotCollected[]): string[] {
  return all.map(
    ({ account_id, data_sources }) =>
      `Not collected of ${account_id}: ${data_sources.join(', ')}. List them in streams if they are wanted: what they hold is gone after 30 days.`,
  );
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

function idleStreams(accounts: readonly Account[], names: readonly string[]): string {
  const keys = accounts.map(accountKey).join(', ');
  return `streams: ${names.join(', ')} applies to none of the accounts (${keys}). Add an account of its kind, or leave it out.`;
}
