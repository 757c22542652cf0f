const ACCOUNT_ID = /^([A-Z]{2}:(?:dsp|entity):[^@]+)(?:@(.+))?$/;

/** What an account id says: whose events, and the time zone that dates them. */
export interface ZonedAccount {
  /** The id without its zone: `DE:dsp:1234` of `DE:dsp:1234@Europe/Berlin`. */
  readonly rawAccount: string;
  /** IANA name; `UTC` where the id has none. */
  readonly timeZone: string;
}

/** Reads an account id; undefined where it is not one of this project's. */
export function parseAccountId(accountId: string): ZonedAccount | undefined {
  const [, rawAccount, timeZone = 'UTC'] = ACCOUNT_ID.exec(accountId) ?? [];
  return rawAccount === undefined ? undefined : { rawAccount, timeZone };
}

/**
 * The id among `others` under which the same account has another time zone. Its event dates begin at
 * other instants there: rows of both in one table count events twice.
 */
export function otherZoneOf(accountId: string, others: Iterable<string>): string | undefined {
  const own = parseAccountId(accountId);
  if (own === undefined) return undefined;
  for (const other of others) {
    const parsed = parseAccountId(other);
    const isSame = parsed?.rawAccount === own.rawAccount;
    if (isSame && parsed.timeZone !== own.timeZone) return other;
  }
  return undefined;
}
