import { rightSettingValues } from '@traffic-events/program/testing';
import { readSettings } from '@traffic-events/singer';
import { describe, expect, test } from 'vitest';
import { connectionSettings } from './connection-settings.ts';
import { loadRules } from './load-rules.ts';
import { SETTINGS } from './settings.ts';

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

describe('every setting takes its right values, in a config and in the environment', () => {
  test.each(rightSettingValues(SETTINGS))('%s: %j', (name, value) => {
    const program = 'target-postgres';
    const settings = readSettings(SETTINGS, { program, config: { [name]: value } });
    const env = { [`TARGET_POSTGRES_${name.toUpperCase()}`]: textOf(value) };
    expect(readSettings(SETTINGS, { program, config: {}, env })).toEqual(settings);
    expect(settings[name as keyof typeof settings]).toEqual(value);
    expect(() => [connectionSettings(settings), loadRules(settings)]).not.toThrow();
  });
});
