import { createHash } from 'node:crypto';

import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { InvalidArgumentError, Option } from 'commander';

import { ConfigError } from '../config-error.ts';
import { collect } from './collect.ts';

/** One of `of` workers, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Which accounts of the configuration a run is about; all unless it says so. */
export interface AccountArguments {
  readonly accounts?: readonly string[];
  readonly shard?: Shard;
}

export const accountsOption = () =>
  new Option(
    '--accounts <pattern>',
    "only accounts of such a key, such as 'DE:*' or UK:entity:ENTITY1; * stands for any text; repeatable",
  ).argParser(collect);

export const shardOption = () =>
  new Option(
    '--shard <part>',
    'only one part of the accounts, such as 2/8, for workers side by side; an account stays in its part',
  ).argParser(parseShard);

const MAX_SHARDS = 10_000;

/** `2/8` */
export function parseShard(text: string): Shard {
  const [, index = 0, of = 0] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of && of <= MAX_SHARDS) return { index, of };
  throw new InvalidArgumentError('expected a part and how many there are, such as 2/8.');
}

/** ConfigError where a pattern matches nothing; a part may have no account. */
export function selectAccounts(
  accounts: readonly Account[],
  { accounts: patterns, shard }: AccountArguments,
): Account[] {
  const matched = patterns === undefined ? [...accounts] : matching(accounts, patterns);
  if (shard === undefined) return matched;
  return matched.filter((account) => partOf(account, shard.of) === shard.index);
}

function matching(accounts: readonly Account[], patterns: readonly string[]): Account[] {
  const all = patterns.map((pattern) => {
    const expression = expressionOf(pattern);
    const found = accounts.filter((account) => expression.test(accountKey(account)));
    if (found.length > 0) return found;
    const known = accounts.map(accountKey).join(', ');
    throw new ConfigError(
      `--accounts ${pattern}: matches no account of the configuration, which has ${known}.`,
    );
  });
  const chosen = new Set(all.flat());
  return accounts.filter((account) => chosen.has(account));
}

/** A key has colons and, in the names of zones, slashes: a star goes over all of them. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** By the account alone, not by its place in a list: from 1. */
function partOf(account: Account, of: number): number {
  const key = accountKey({ ...account, timeZone: 'UTC' });
  const digest = createHash('sha256').update(key).digest();
  return Number(digest.readBigUInt64BE() % BigInt(of)) + 1;
}
