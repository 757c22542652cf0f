import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rightValues } from '@traffic-events/program/testing';
import type { SettingSchema } from '@traffic-events/program/testing';
import { simulatorSettingsSchema } from '@traffic-events/simulator';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { simulatorSettings } from './simulate.ts';
import type { SimulateArguments } from './simulate.ts';

const directory = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(directory, { recursive: true }));

const none: SimulateArguments = { account: [] };
const dsp = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;

function fileOf(settings: object): string {
  const path = join(directory, 'settings.yaml');
  writeFileSync(path, stringify(settings));
  return path;
}

const withFile = (settings: object, args: object = {}) =>
  simulatorSettings({ ...none, settings: fileOf(settings), ...args });

describe('the settings of a file', () => {
  test('say the port and the events, unless an option does', () => {
    const file = { port: 0, accounts: [dsp], events: { kind: 'generated', days: 3, seed: 7 } };
    expect(withFile(file)).toMatchObject(file);
    expect(withFile(file, { port: 8081, days: 5 })).toMatchObject({
      port: 8081,
      events: { days: 5, seed: 7 },
    });
    expect(withFile(file, { events: 'e.csv' }).events).toEqual({ kind: 'file', path: 'e.csv' });
    const account = [{ kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' }];
    expect(withFile(file, { account }).accounts).toMatchObject(account);
  });

  test('have defaults without a file', () => {
    expect(simulatorSettings(none)).toMatchObject({ port: 8080, events: { days: 45, seed: 1 } });
  });

  test('that are wrong are named, without what may be a secret', () => {
    expect(() => withFile({ accounts: [dsp], prot: 1 })).toThrow(/settings\.yaml: .*"prot"/);
    const credentials = { clientSecret: 5 };
    expect(() => withFile({ accounts: [dsp], credentials })).toThrow(
      /credentials\.clientSecret: expected a text, got a number\.$/,
    );
    const path = join(directory, 'broken.yaml');
    writeFileSync(path, 'credentials: {clientSecret: "hidden');
    const read = () => simulatorSettings({ ...none, settings: path });
    expect(read).toThrow(/broken\.yaml: line 1, column \d+: /);
    expect(read).not.toThrow('hidden');
  });
});

interface Rule {
  readonly fault: { readonly kind: string };
}

/** Faults of executions strike the operation create, which no JSON Schema of one key can say. */
function withItsOperation(value: unknown): unknown {
  const { rules } = value as { rules?: readonly Rule[] };
  if (rules === undefined) return value;
  const operationOf = ({ fault: { kind } }: Rule) => {
    if (kind.startsWith('execution_')) return { operation: 'create' };
    return kind.endsWith('_urls') ? { operation: 'download_urls' } : {};
  };
  return {
    ...(value as object),
    rules: rules.map((rule) => ({ ...rule, ...operationOf(rule) })),
  };
}

describe('every setting takes its right values', () => {
  const json = z.toJSONSchema(simulatorSettingsSchema, { io: 'input' }) as SettingSchema;

  test.each(Object.entries(json.properties ?? {}))('%s', (name, schema) => {
    const values = rightValues(schema);
    expect(values).not.toEqual([]);
    for (const value of name === 'faults' ? values.map(withItsOperation) : values) {
      const settings = { accounts: [dsp], [name]: value };
      const expected = simulatorSettingsSchema.parse({ port: 8080, ...settings });
      expect(withFile(settings)).toEqual(expected);
    }
  });
});
