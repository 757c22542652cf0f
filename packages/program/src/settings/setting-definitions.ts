import type { Setting, SettingDefinitions, SettingKind } from '@traffic-events/singer';
import { z } from 'zod';

interface SettingJsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly secret?: boolean;
}

/** Settings as Singer programs describe them for `--about` and read them from the environment. */
export function settingDefinitionsOf(shape: z.core.$ZodShape): SettingDefinitions {
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [name, definitionOf(schema as z.ZodType)]),
  );
}

function definitionOf(schema: z.ZodType): Setting {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as SettingJsonSchema;
  return {
    kind: json.format === 'date' ? 'date' : (json.type as SettingKind),
    description: json.description ?? '',
    ...(schema.safeParse(undefined).success ? {} : { required: true }),
    ...(json.secret === true ? { secret: true } : {}),
    ...(json.default === undefined ? {} : { default: json.default }),
    ...(json.enum === undefined ? {} : { allowed: json.enum }),
  };
}
