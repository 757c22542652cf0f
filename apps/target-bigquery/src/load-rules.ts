import type { LoadRules } from '@traffic-events/warehouse/bigquery';
import type { TargetSettings } from './settings.ts';

/** What the settings ask of the loader. */
export function loadRules(settings: TargetSettings): LoadRules {
  return {
    method: settings.load_method?.replace('-only', '') as LoadRules['method'],
    numberMode: settings.number_type as LoadRules['numberMode'],
    letterCase: settings.name_case as LoadRules['letterCase'],
    isSchemaInName: false,
    hasRecordMetadata: settings.add_record_metadata,
    isHardDelete: settings.hard_delete,
    isValidated: settings.validate_records,
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
