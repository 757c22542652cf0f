import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultSchema, OPERATIONS } from '../faults/fault.ts';
import { behaviourShape } from './behaviour.ts';
import { simulatorSettingsSchema } from './settings.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/simulator.md'), 'utf8');

const undocumented = (names: readonly string[]) =>
  names.filter((name) => !page.includes(`\`${name}\``));

test('every switch, setting, operation and fault is in docs/simulator.md', () => {
  const kinds = faultSchema.options.map((option) => option.shape.kind.value);
  expect(undocumented(Object.keys(behaviourShape))).toEqual([]);
  expect(undocumented(Object.keys(simulatorSettingsSchema.shape))).toEqual([]);
  expect(undocumented(OPERATIONS)).toEqual([]);
  expect(undocumented(kinds)).toEqual([]);
});
