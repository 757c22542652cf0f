import { checkAccount, ConfigurationError, marketplace } from '@traffic-events/client';
import type { Account, MarketplaceCode } from '@traffic-events/client';
import { currentTimeZone, isTimeZone } from '@traffic-events/slice';
import { InvalidArgumentError } from 'commander';
import type { AnsweredAccount } from './answers.ts';

const FORM = /^([^:]+):([^:]+):([^:@=]+)(?:@([^=]+))?(?:=(.+))?$/;

/** `DE:dsp:1234`, `UK:entity:ENTITY1`, `DE:dsp:1234@Europe/Berlin`, `DE:dsp:1234=EUR`. */
export function parseAccount(text: string): AnsweredAccount {
  const [, code, kind, id, zone, currency] = FORM.exec(text) ?? [];
  if (code === undefined || id === undefined) {
    throw new InvalidArgumentError(
      'Expected DE:dsp:1234 or UK:entity:ENTITY1, with @Europe/Berlin and =EUR behind it if wanted.',
    );
  }
  if (kind !== 'dsp' && kind !== 'entity') {
    throw new InvalidArgumentError('Expected dsp or entity between the colons.');
  }
  return {
    account: checked(() => accountOf(code as MarketplaceCode, kind, id, zone)),
    currency: currency === undefined ? undefined : parseCurrency(currency),
  };
}

export function accountOf(
  code: MarketplaceCode,
  kind: 'dsp' | 'entity',
  id: string,
  zone?: string,
): Account {
  const timeZone = zone === undefined ? undefined : parseTimeZone(zone);
  const base = { marketplace: code, ...(timeZone === undefined ? {} : { timeZone }) };
  const account: Account =
    kind === 'dsp'
      ? { kind: 'dsp', ...base, advertiserId: id }
      : { kind: 'sponsored_ads', ...base, entityId: id };
  marketplace(code);
  return checkAccount(account);
}

export function parseTimeZone(text: string): string {
  if (isTimeZone(text)) return currentTimeZone(text);
  throw new InvalidArgumentError('Expected an IANA time zone, such as Europe/Berlin or UTC.');
}

export function parseCurrency(text: string): string {
  if (/^[A-Z]{3}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an ISO 4217 code, such as EUR.');
}

/** What the client has against it, as an option's fault. */
function checked<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
