import { expect, test } from 'vitest';
import { AccountZones } from './account-zones.ts';

const UTC = 'DE:dsp:1234';
const BERLIN = 'DE:dsp:1234@Europe/Berlin';

test('an account is admitted in the zone in which it is held, and refused in another', () => {
  new AccountZones().admit([UTC, 'UK:dsp:1234'], new Set([UTC, 'FR:dsp:1234@Europe/Paris']));
  expect(() => new AccountZones().admit([BERLIN], new Set([UTC]))).toThrow(
    `Account ${BERLIN}: the warehouse holds it as ${UTC}. An account's time zone is chosen for good`,
  );
  expect(() => new AccountZones().admit([UTC], new Set([BERLIN]))).toThrow(`as ${BERLIN}`);
});

test('two zones of one account are not written to by one process', () => {
  const zones = new AccountZones();
  zones.admit([UTC], new Set());
  expect(() => zones.admit([BERLIN], new Set())).toThrow(`as ${UTC}`);
});

test('where both zones are held already, one of them can go on', () => {
  const held = new Set([UTC, BERLIN]);
  new AccountZones().admit([BERLIN], held);
  expect(() => new AccountZones().admit([UTC, BERLIN], held)).toThrow(/time zone/);
});

test('another name of the zone that is held is refused with the name to set', () => {
  const held = 'DE:dsp:1234@Asia/Calcutta';
  const admit = () => new AccountZones().admit(['DE:dsp:1234@Asia/Kolkata'], new Set([held]));
  expect(admit).toThrow('which names the same time zone');
  expect(admit).toThrow('Set time_zone: Asia/Calcutta,');
  expect(admit).toThrow(expect.objectContaining({ isSameZone: true, heldAs: held }));
  const zones = new AccountZones();
  zones.admit([UTC], new Set());
  expect(() => zones.admit([BERLIN], new Set())).toThrow(
    expect.objectContaining({ isSameZone: false }),
  );
});
