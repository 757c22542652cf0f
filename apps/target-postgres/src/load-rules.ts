import type { LoadRules } from '@traffic-events/warehouse/postgres';
import { SettingsError } from '@traffic-events/singer';
import type { TargetSettings } from './settings.ts';

/** What the settings ask of the loader. */
export function loadRules(settings: TargetSettings): LoadRules {
  return {
    method: settings.load_method?.replace('-only', '') as LoadRules['method'],
    numberMode: settings.number_type as LoadRules['numberMode'],
    letterCase: settings.name_case as LoadRules['letterCase'],
    isSchemaInName: settings.schema_from_stream,
    hasRecordMetadata: settings.add_record_metadata,
    isHardDelete: settings.hard_delete,
    isValidated: settings.validate_records,
    nulReplacement: nulReplacement(settings),
    deadLetters:
      settings.dead_letter_file === undefined
        ? undefined
        : { path: settings.dead_letter_file, limit: settings.dead_letter_limit },
    drain: {
      maxRows: settings.batch_size_rows,
      maxBytes: settings.batch_size_bytes,
      maxAgeMs: settings.batch_age_seconds * 1000,
    },
  };
}

function nulReplacement({ nul_replacement: text }: TargetSettings): string | undefined {
  if (text?.includes('\u0000') !== true) return text;
  throw new SettingsError([
    'nul_replacement: expected text without U+0000, which it is to replace.',
  ]);
}
