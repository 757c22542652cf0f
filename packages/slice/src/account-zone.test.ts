import { expect, test } from 'vitest';
import { otherZoneOf, parseAccountId } from './account-zone.ts';

test('an account id says whose events it is about, and in which zone they are dated', () => {
  expect(parseAccountId('DE:dsp:1234')).toEqual({ rawAccount: 'DE:dsp:1234', timeZone: 'UTC' });
  expect(parseAccountId('UK:entity:ENTITY1@America/Argentina/Buenos_Aires')).toEqual({
    rawAccount: 'UK:entity:ENTITY1',
    timeZone: 'America/Argentina/Buenos_Aires',
  });
});

test('the same account in another zone is found, another account or marketplace is not', () => {
  const others = ['UK:dsp:1234', 'DE:dsp:12345@Asia/Tokyo', 'DE:entity:1234@Asia/Tokyo'];
  expect(otherZoneOf('DE:dsp:1234', others)).toBeUndefined();
  expect(otherZoneOf('DE:dsp:1234', ['DE:dsp:1234'])).toBeUndefined();
  expect(otherZoneOf('DE:dsp:1234', [...others, 'DE:dsp:1234@Asia/Tokyo'])).toBe(
    'DE:dsp:1234@Asia/Tokyo',
  );
  expect(otherZoneOf('DE:dsp:1234@Asia/Tokyo', ['DE:dsp:1234'])).toBe('DE:dsp:1234');
});

test('ids of other taps are no account in a zone', () => {
  expect(otherZoneOf('ann@example.com', ['ann@example.org', 'ann'])).toBeUndefined();
});
