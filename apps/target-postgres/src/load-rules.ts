import type { LoadRules } from '@traffic-events/warehouse/postgres';
import { SettingsError } from '@traffic-events/singer';
import { commonLoadRules } from '@traffic-events/warehouse/target';
import type { TargetSettings } from './settings.ts';

/** What the settings ask of the loader. */
export function loadRules(settings: TargetSettings): LoadRules {
  return {
    ...commonLoadRules(settings),
    isSchemaInName: settings.schema_from_stream,
    nulReplacement: nulReplacement(settings),
  };
}

function nulReplacement({ nul_replacement: text }: TargetSettings): string | undefined {
  if (text?.includes('\u0000') !== true) return text;
  throw new SettingsError([
    'nul_replacement: expected text without U+0000, which it is to replace.',
  ]);
}
