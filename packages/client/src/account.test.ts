import { describe, expect, it } from 'vitest';

import { accountKey, checkAccount, slotKey } from './account.ts';
import type { Account } from './account.ts';

describe('accountKey', () => {
  it('names kind, id and marketplace, and the zone where it is not UTC', () => {
    expect(accountKey({ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' })).toBe(
      'DE:dsp:1234',
    );
    expect(accountKey({ kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' })).toBe(
      'UK:entity:ENTITY1',
    );
    const zoned: Account = {
      kind: 'dsp',
      marketplace: 'DE',
      advertiserId: '1234',
      timeZone: 'Europe/Berlin',
    };
    expect(accountKey(zoned)).toBe('DE:dsp:1234@Europe/Berlin');
    expect(accountKey({ ...zoned, timeZone: 'UTC' })).toBe('DE:dsp:1234');
    expect(slotKey(zoned)).toBe('DE:dsp:1234');
  });
});

const refusal = (account: object) => () => checkAccount(account as Account);

describe('checkAccount', () => {
  it('refuses both ids, none, the wrong kind and an unknown marketplace', () => {
    expect(
      refusal({ kind: 'dsp', marketplace: 'DE', advertiserId: '1', entityId: 'ENTITY1' }),
    ).toThrow(
      'The account in DE has both an advertiserId and an entityId; set exactly one of them',
    );
    expect(refusal({ kind: 'dsp', marketplace: 'DE' })).toThrow(
      'The account in DE has neither an advertiserId nor an entityId; set exactly one of them',
    );
    expect(refusal({ kind: 'dsp', marketplace: 'DE', entityId: 'ENTITY1' })).toThrow(
      'The account in DE has kind "dsp"; with an entityId it must be "sponsored_ads"',
    );
    expect(refusal({ kind: 'dsp', marketplace: 'XX', advertiserId: '1' })).toThrow(
      'There is no marketplace "XX"; use one of AE, AU, ',
    );
  });
});
