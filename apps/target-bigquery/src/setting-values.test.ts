import { rightSettingValues } from '@traffic-events/program/testing';
import { readSettings } from '@traffic-events/singer';
import { commonLoadRules } from '@traffic-events/warehouse/target';
import { describe, expect, test } from 'vitest';
import { connectionSettings, tableOptions } from './connection-settings.ts';
import { SETTINGS } from './settings.ts';

const complete = { project: 'my-project' };

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

describe('every setting takes its right values, in a config and in the environment', () => {
  test.each(rightSettingValues(SETTINGS))('%s: %j', (name, value) => {
    const program = 'target-bigquery';
    const config = { ...complete, [name]: value };
    const settings = readSettings(SETTINGS, { program, config });
    const env = { [`TARGET_BIGQUERY_${name.toUpperCase()}`]: textOf(value) };
    expect(readSettings(SETTINGS, { program, config: complete, env })).toEqual(settings);
    expect(settings[name as keyof typeof settings]).toEqual(value);
    const use = () => [
      connectionSettings(settings, {}),
      tableOptions(settings),
      commonLoadRules(settings),
    ];
    expect(use).not.toThrow();
  });
});
