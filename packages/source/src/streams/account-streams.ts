import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { isSameTimeZone } from '@traffic-events/slice';

import { fingerprintOf, formerFingerprints } from './fingerprint.ts';
import type { StreamDefinition } from './stream.ts';

/** A stream as one account is asked for it. */
export interface AccountStream {
  readonly definition: StreamDefinition;
  readonly fingerprint: string;
  /** Those that the same definition had before. */
  readonly formerFingerprints: readonly string[];
}

export interface AccountWithStreams {
  readonly account: Account;
  readonly accountId: string;
  readonly streams: ReadonlyMap<string, AccountStream>;
  /** Streams of its kind that it cannot be asked for: templated reports exist in UTC only. */
  readonly leftOut: readonly string[];
}

/** The streams of the account's kind, with the fingerprints that they have in its zone. */
export function withStreams(
  account: Account,
  streams: readonly StreamDefinition[],
): AccountWithStreams {
  const timeZone = account.timeZone ?? 'UTC';
  const own = streams.filter(({ accountKind }) => accountKind === account.kind);
  const fits = ({ query }: StreamDefinition) =>
    query.kind === 'sql' || isSameTimeZone(timeZone, 'UTC');
  const withFingerprint = own.filter(fits).map((definition): [string, AccountStream] => [
    definition.name,
    {
      definition,
      fingerprint: fingerprintOf(definition, timeZone),
      formerFingerprints: formerFingerprints(definition, timeZone),
    },
  ]);
  return {
    account,
    accountId: accountKey(account),
    streams: new Map(withFingerprint),
    leftOut: own.filter((stream) => !fits(stream)).map(({ name }) => name),
  };
}
