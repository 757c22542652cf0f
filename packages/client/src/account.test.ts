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

  it.each([
    ['GB', 'write UK'],
    ['gb', 'write UK'],
    ['de', 'write DE'],
    [' DE', 'write DE'],
    ['A1PA6795UKMFR9', 'that is the id of DE: write DE'],
  ])('says which marketplace is meant by %j', (code, advice) => {
    expect(refusal({ kind: 'dsp', marketplace: code, advertiserId: '1' })).toThrow(
      `There is no marketplace ${JSON.stringify(code)}; ${advice}`,
    );
  });

  it.each([
    [
      { advertiserId: Number('576460752303423487') },
      'advertiserId is a number. Long numbers are rounded',
    ],
    [{ advertiserId: 1234 }, 'advertiserId is a number. Long numbers are rounded'],
    [{ advertiserId: '5.9E+17' }, 'advertiserId is "5.9E+17", a number that was rounded'],
    [{ advertiserId: 1234n }, 'advertiserId is a bigint.'],
    [{ advertiserId: true }, 'advertiserId is of type boolean; give it as text'],
    [
      { advertiserId: 'ENTITY1A2B' },
      'advertiserId is "ENTITY1A2B", which is the id of a sponsored ads entity: give it as entityId',
    ],
    [{ advertiserId: ' 1234' }, 'advertiserId is " 1234"; an id has letters, digits'],
    [{ advertiserId: '1\r\nX: y' }, String.raw`advertiserId is "1\r\nX: y"; an id has letters`],
    [
      { entityId: '3456789012345678' },
      'entityId is "3456789012345678", which looks like a profile id of the Ads API',
    ],
    [{ entityId: 3_456_789 }, 'entityId is a number.'],
    [
      { entityId: 'entity1' },
      'entityId is "entity1"; a sponsored ads entity\'s id begins with ENTITY',
    ],
    [{ entityId: 'A1B2' }, 'entityId is "A1B2"; a sponsored ads entity'],
  ])('says what is meant by %o', (ids, message) => {
    const kind = 'advertiserId' in ids ? 'dsp' : 'sponsored_ads';
    expect(refusal({ kind, marketplace: 'DE', ...ids })).toThrow(message);
  });
});
