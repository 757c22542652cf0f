import { rightValues } from '@traffic-events/program/testing';
import type { SettingSchema } from '@traffic-events/program/testing';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { configSchema, parseConfig } from './config.ts';

const json = z.toJSONSchema(configSchema, { io: 'input' }) as SettingSchema;
const settings = Object.entries(json.properties ?? {});
const account = { marketplace: 'DE', advertiser_id: '1234567890' };

const complete = {
  credentials: { client_id: 'id', client_secret: 'secret', refresh_token: 'token' },
  start_date: '2026-01-01',
  accounts: [account],
  warehouse: 'postgres://user:password@host/database',
};

/** Accounts have one id each, which no JSON Schema of one key can say. */
const ACCOUNTS = rightValues(json.properties?.['accounts']?.items ?? {}).map((value) => {
  const entry = value as { entity_id?: string; advertiser_id?: string };
  return entry.entity_id === undefined ? { advertiser_id: '1234567890', ...entry } : entry;
});

const valuesOf = (name: string, schema: SettingSchema) =>
  name === 'accounts' ? ACCOUNTS.map((entry) => [entry]) : rightValues(schema);

describe('every setting takes its right values', () => {
  const cases = settings.flatMap(([name, schema]) =>
    valuesOf(name, schema).map((value): [string, unknown] => [name, value]),
  );

  test.each(cases)('%s: %j', (name, value) => {
    const config = { ...complete, [name]: value };
    const read = parseConfig(stringify(config), 'c.yaml', {});
    expect(read).toEqual(configSchema.parse(config));
  });
});

describe('a number may come from the environment', () => {
  const numbers = settings.filter(([, { type }]) => type === 'integer');

  test.each(numbers.flatMap(([name, schema]) => rightValues(schema).map((value) => [name, value])))(
    '%s: ${VALUE} with VALUE=%s',
    (name, value) => {
      const text = stringify({ ...complete, [String(name)]: '${VALUE}' });
      const read = parseConfig(text, 'c.yaml', { VALUE: String(value) });
      expect(read[name as keyof typeof read]).toBe(value);
    },
  );
});
