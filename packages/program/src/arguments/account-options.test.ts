import type { Account } from '@traffic-events/client';
import { describe, expect, test } from 'vitest';

import { parseShard, selectAccounts } from './account-options.ts';

const dsp = (marketplace: 'DE' | 'UK', advertiserId: string, timeZone?: string): Account => ({
  kind: 'dsp',
  marketplace,
  advertiserId,
  ...(timeZone === undefined ? {} : { timeZone }),
});
const one = dsp('DE', '1');
const berlin = dsp('DE', '2', 'Europe/Berlin');
const british = dsp('UK', '1');
const accounts = [one, berlin, british];

describe('--accounts', () => {
  test.each([
    [['DE:*'], [one, berlin]],
    [['*:1'], [one, british]],
    [['DE:dsp:2@Europe/Berlin'], [berlin]],
    [
      ['UK:*', '*Berlin', 'UK:dsp:1'],
      [berlin, british],
    ],
    [['*'], accounts],
  ])('%j', (patterns, selected) => {
    expect(selectAccounts(accounts, { accounts: patterns })).toEqual(selected);
  });

  test.each(['FR:*', 'DE:dsp', 'DE:dsp:.', ''])(
    '%j matches nothing, and that is an error',
    (pattern) => {
      expect(() => selectAccounts(accounts, { accounts: ['DE:*', pattern] })).toThrow(
        `--accounts ${pattern}: matches no account of the configuration, which has DE:dsp:1, DE:dsp:2@Europe/Berlin, UK:dsp:1.`,
      );
    },
  );
});

describe('--shard', () => {
  const many = Array.from({ length: 400 }, (_, index) => dsp('DE', String(index)));
  const parts = [1, 2, 3, 4].map((index) => selectAccounts(many, { shard: { index, of: 4 } }));

  test('every account is in one part, and parts are about as large', () => {
    expect(parts.flat().toSorted(byId)).toEqual(many.toSorted(byId));
    for (const part of parts) expect(part.length).toBeGreaterThan(70);
  });

  test('an account stays in its part whatever others there are, and whatever its zone', () => {
    const few = selectAccounts([...many.slice(0, 10), berlin], { shard: { index: 1, of: 4 } });
    for (const account of few.filter((each) => each !== berlin))
      expect(parts[0]).toContain(account);
    const zoned = selectAccounts([dsp('DE', '7', 'Europe/Berlin')], { shard: parseShard('1/4') });
    expect(zoned).toHaveLength(parts[0]?.includes(many[7] as Account) === true ? 1 : 0);
  });

  test.each(['0/4', '5/4', '1', '1/0', 'a/b', '1/99999', '-1/4'])('%j is none', (text) => {
    expect(() => parseShard(text)).toThrow('such as 2/8');
  });
});

function byId(a: Account, b: Account): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
