import { rightValues } from '@traffic-events/program/testing';
import type { SettingSchema } from '@traffic-events/program/testing';
import { environmentName } from '@traffic-events/singer';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { PROGRAM, readTapSettings, settingsSchema } from './settings.ts';

const json = z.toJSONSchema(settingsSchema, { io: 'input' }) as SettingSchema;
const complete = {
  client_id: 'id',
  client_secret: 'secret',
  refresh_token: 'token',
  start_date: '2026-01-01',
  accounts: [{ marketplace: 'DE', advertiser_id: '1234567890' }],
};

/** An account has one id, which the JSON Schema of a key cannot say. */
function withOneId(entry: unknown): object {
  const account = entry as { entity_id?: string };
  return account.entity_id === undefined ? { advertiser_id: '1234567890', ...account } : account;
}

function valuesOf(name: string, schema: SettingSchema): unknown[] {
  if (name !== 'accounts') return rightValues(schema);
  return rightValues(schema.items ?? {}).map((entry) => [withOneId(entry)]);
}

const cases = Object.entries(json.properties ?? {}).flatMap(([name, schema]) =>
  valuesOf(name, schema).map((value): [string, unknown] => [name, value]),
);

describe('every setting takes its right values, in a config and in the environment', () => {
  test.each(cases)('%s: %j', (name, value) => {
    const fromConfig = readTapSettings({ ...complete, [name]: value }, {});
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const { [name]: _, ...rest } = complete as Record<string, unknown>;
    const fromEnvironment = readTapSettings(rest, { [environmentName(PROGRAM, name)]: text });
    expect(fromEnvironment).toEqual(fromConfig);
  });
});
