import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';

import { fingerprintOf } from './fingerprint.ts';
import type { StreamDefinition } from './stream.ts';

/** A stream as one account is asked for it. */
export interface AccountStream {
  readonly definition: StreamDefinition;
  readonly fingerprint: string;
}

export interface AccountWithStreams {
  readonly account: Account;
  readonly accountId: string;
  readonly streams: ReadonlyMap<string, AccountStream>;
}

/** The streams of the account's kind, with the fingerprints that they have in its zone. */
export function withStreams(
  account: Account,
  streams: readonly StreamDefinition[],
): AccountWithStreams {
  const own = streams.filter(({ accountKind }) => accountKind === account.kind);
  const timeZone = account.timeZone ?? 'UTC';
  const withFingerprint = own.map((definition): [string, AccountStream] => [
    definition.name,
    { definition, fingerprint: fingerprintOf(definition, timeZone) },
  ]);
  return { account, accountId: accountKey(account), streams: new Map(withFingerprint) };
}
