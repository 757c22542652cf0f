import { expect, test } from 'vitest';
import { heldAccountId, otherZoneOf, parseAccountId } from './account-zone.ts';

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

test('an account keeps the id that it is held under, whatever its zone is called today', () => {
  const held = ['DE:dsp:1', 'DE:dsp:2@Asia/Calcutta', 'DE:dsp:3@Etc/UTC', 'ann@example.com'];
  expect(heldAccountId('DE:dsp:1', held)).toBe('DE:dsp:1');
  expect(heldAccountId('DE:dsp:2@Asia/Kolkata', held)).toBe('DE:dsp:2@Asia/Calcutta');
  expect(heldAccountId('DE:dsp:3', held)).toBe('DE:dsp:3@Etc/UTC');
  expect(heldAccountId('DE:dsp:2', held)).toBeUndefined();
  expect(heldAccountId('UK:dsp:2@Asia/Kolkata', held)).toBeUndefined();
  expect(heldAccountId('ann@example.com', held)).toBe('ann@example.com');
  expect(heldAccountId('ann', held)).toBeUndefined();
});

test('its own name comes first where two are held', () => {
  const both = ['DE:dsp:1@Asia/Calcutta', 'DE:dsp:1@Asia/Kolkata'];
  for (const id of both) expect(heldAccountId(id, both)).toBe(id);
});
