import { SettingsError } from '@traffic-events/singer';
import { expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { placesOf } from '../files/config-files.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOfError } from './exit-code-of-error.ts';
import { faultAtPlace } from './fault-at-place.ts';

const fileOf = new Map([
  ['port', 'target.json'],
  ['accounts', 'later.json'],
  ['streams', 'target.json'],
]);
const placeOf = placesOf('tap-x', { fileOf }, { TAP_X_STREAMS: '[]', TAP_X_ACCOUNTS: '' });

test('each fault of a configuration has the place of its setting before it', () => {
  const problems = [
    'port: expected a whole number, got "many".',
    'accounts[0].marketplace: There is no marketplace "XX".',
    'streams: expected a list.',
    'host: expected text, but it is missing.',
    'TAP_X_SIZE: expected a number.',
  ];
  const placed = faultAtPlace(new SettingsError(problems), placeOf);
  expect(exitCodeOfError(placed)).toBe(EXIT.configuration);
  expect((placed as Error).message.split('\n')).toEqual([
    `target.json: ${problems[0]}`,
    `later.json: ${problems[1]}`,
    `TAP_X_STREAMS: ${problems[2]}`,
    ...problems.slice(3),
  ]);
});

test('another error is as it was', () => {
  const fault = new Error('port: the program is at fault');
  expect(faultAtPlace(fault, placeOf)).toBe(fault);
  const elsewhere = new ConfigError('--state state.json: cannot be read (ENOENT).');
  expect(faultAtPlace(elsewhere, placeOf)).toBe(elsewhere);
});
