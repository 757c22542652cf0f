import { isSameTimeZone } from './time-zone.ts';

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

/** The id without its zone; an id that is not one of this project's as it is. */
export function rawAccountOf(accountId: string): string {
  return parseAccountId(accountId)?.rawAccount ?? accountId;
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

/**
 * The id among `held` under which the same account has the same zone: its own, or one with another
 * name of the zone. Undefined where there is none. What is held keeps its name, whatever a
 * configuration calls the zone today: a second name would make a second account of it.
 */
export function heldAccountId(accountId: string, held: Iterable<string>): string | undefined {
  const ids = [...held];
  if (ids.includes(accountId)) return accountId;
  const own = parseAccountId(accountId);
  if (own === undefined) return undefined;
  return ids.find((id) => {
    const other = parseAccountId(id);
    return other?.rawAccount === own.rawAccount && isSameTimeZone(other.timeZone, own.timeZone);
  });
}
