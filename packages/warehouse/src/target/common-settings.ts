import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import type { LoadRules } from '../messages/load-rules.ts';

/** What every target can be told, whatever its warehouse; named as Meltano's SDK names them. */
export const COMMON_SETTINGS = {
  load_method: {
    kind: 'string',
    allowed: ['append', 'append-only', 'upsert', 'overwrite'],
    description:
      'How records become rows: added, by key, or in the place of all that the table has. Upsert where a stream has keys, else append, unless set. Slice streams are replaced slice by slice.',
  },
  add_record_metadata: {
    kind: 'boolean',
    default: false,
    description: "Add Meltano's _sdc_ columns to every table.",
  },
  hard_delete: {
    kind: 'boolean',
    default: false,
    description:
      'Delete rows of versions that are no longer active, instead of marking them in _sdc_deleted_at.',
  },
  process_activate_version_messages: {
    kind: 'boolean',
    default: true,
    description: 'Whether ACTIVATE_VERSION ends rows of older versions.',
  },
  validate_records: {
    kind: 'boolean',
    default: true,
    description: 'Refuse records that their schema does not allow.',
  },
  number_type: {
    kind: 'string',
    allowed: ['numeric', 'double'],
    default: 'numeric',
    description: 'What a JSON number becomes: numeric is exact, double is faster to add up.',
  },
  name_case: {
    kind: 'string',
    allowed: ['keep', 'lower'],
    default: 'keep',
    description: 'Whether names of tables and columns keep their capital letters.',
  },
  type_conflict: {
    kind: 'string',
    allowed: ['error', 'new_column'],
    default: 'error',
    description:
      'What becomes of a property whose new type its column cannot hold: the load ends, or it goes on in a column beside it, as in amount__text.',
  },
  dead_letter_file: {
    kind: 'string',
    description: 'File for records that are refused. The first one ends the load unless set.',
  },
  dead_letter_limit: {
    kind: 'integer',
    default: 100,
    description: 'How many records dead_letter_file may take before the load ends.',
  },
  batch_size_rows: {
    kind: 'integer',
    default: 100_000,
    description: 'Rows that wait at most before they are committed and a state is passed on.',
  },
  batch_size_bytes: {
    kind: 'integer',
    default: 16_777_216,
    description: 'Bytes that wait at most.',
  },
  batch_age_seconds: {
    kind: 'number',
    default: 60,
    description: 'Seconds that rows wait at most.',
  },
  batch_folders: {
    kind: 'array',
    examples: [['/var/batches']],
    description:
      'Folders whose files BATCH messages may name, links out of them aside. The folder of the first file that a message names unless set.',
  },
  max_line_bytes: {
    kind: 'integer',
    default: 33_554_432,
    description:
      'Longest message accepted, in bytes, and longest line of a BATCH file. A longer one takes some fifteen times as much memory.',
  },
} as const satisfies SettingDefinitions;

/** What these settings ask of the loader. */
export function commonLoadRules(settings: SettingValues<typeof COMMON_SETTINGS>): LoadRules {
  return {
    method: settings.load_method?.replace('-only', '') as LoadRules['method'],
    numberMode: settings.number_type as LoadRules['numberMode'],
    letterCase: settings.name_case as LoadRules['letterCase'],
    typeConflict: settings.type_conflict as LoadRules['typeConflict'],
    isSchemaInName: false,
    hasRecordMetadata: settings.add_record_metadata,
    isHardDelete: settings.hard_delete,
    obeysVersions: settings.process_activate_version_messages,
    isValidated: settings.validate_records,
    deadLetters:
      settings.dead_letter_file === undefined
        ? undefined
        : { path: settings.dead_letter_file, limit: settings.dead_letter_limit },
    batchFolders: settings.batch_folders?.map(String),
    drain: {
      maxRows: settings.batch_size_rows,
      maxBytes: settings.batch_size_bytes,
      maxAgeMs: settings.batch_age_seconds * 1000,
    },
  };
}
