import { coerceSetting, ownValue } from '@traffic-events/singer';
import type { z } from 'zod';

import { settingDefinitionsOf } from './setting-definitions.ts';

/** Texts that stand where a number, a list or an object belongs become what they mean. */
export function coerceTexts(values: unknown, shape: z.core.$ZodShape): unknown {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return values;
  const definitions = settingDefinitionsOf(shape);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const setting = ownValue(definitions, name);
      const isText = typeof value === 'string' && setting !== undefined;
      return [name, isText ? (coerceSetting(value, setting) ?? value) : value];
    }),
  );
}
