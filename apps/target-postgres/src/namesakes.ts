import type { ForeignSettings } from '@traffic-events/singer';

/** What stands for the connection as a whole at SQLAlchemy. */
const CONNECTION = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl_enable',
  'ssl_mode',
  'ssl_certificate_authority',
  'ssl_client_certificate',
  'ssl_client_private_key',
];

const isOn = (value: unknown) => ['true', '1', 'yes', 'on'].includes(String(value).toLowerCase());

const NESTED = 'objects stay whole, each in a JSON column.';
const ONE_CONNECTION = 'rows of all streams go over one connection.';

/**
 * Settings of the programs of the same name, so that a config made for one of them runs as it is:
 * https://github.com/MeltanoLabs/target-postgres (with those of Meltano's SDK) and
 * https://github.com/transferwise/pipelinewise-target-postgres
 */
export const NAMESAKES: ForeignSettings = {
  sqlalchemy_url: {
    as: 'url',
    convert: (value) => String(value).replace(/^(postgres(?:ql)?)\+\w+:/, '$1:'),
    replaces: CONNECTION,
  },
  'dialect+driver': {
    refused:
      'rows are loaded into PostgreSQL only. Write postgresql, with any driver, or leave it out.',
    concerns: (value) => !/^postgres(?:ql)?(?:\+\w+)?$/.test(String(value)),
  },
  dbname: { as: 'database' },
  ssl: { as: 'ssl_mode', convert: (value) => (isOn(value) ? 'require' : undefined) },
  ssl_client_certificate_enable: {
    replaces: ['ssl_client_certificate', 'ssl_client_private_key'],
    concerns: (value) => !isOn(value),
  },
  ssl_storage_directory: {
    ignored: 'certificates that stand in the config are written to no file.',
  },
  ssh_tunnel: {
    refused: 'tunnels are not made here. Open one with ssh -L, and set host and port to its end.',
    concerns: (value) => /"enable"\s*:\s*(?:true|"true")/i.test(textOf(value)),
  },
  activate_version: { as: 'process_activate_version_messages' },
  add_metadata_columns: { as: 'add_record_metadata' },
  sanitize_null_text_characters: {
    as: 'nul_replacement',
    convert: (value) => (isOn(value) ? '' : undefined),
  },
  interpret_content_encoding: { ignored: 'text that is encoded stays as it is.' },
  use_copy: { ignored: 'rows are always copied.', concerns: (value) => !isOn(value) },
  stream_maps: {
    refused: 'streams are not mapped here. Map them before, with meltano-map-transformer for one.',
    concerns: (value) => !leavesAllAsItIs(value),
  },
  stream_map_config: { ignored: 'streams are not mapped here.' },
  faker_config: { ignored: 'streams are not mapped here.' },
  flattening_enabled: { ignored: NESTED },
  flattening_max_depth: { ignored: NESTED },
  flattening_max_key_length: { ignored: NESTED },
  data_flattening_max_level: { ignored: NESTED },
  batch_size: { as: 'batch_size_rows' },
  batch_wait_limit_seconds: { as: 'batch_age_seconds' },
  batch_config: { ignored: 'files of a BATCH are read as its message says.' },
  flush_all_streams: {
    ignored: 'rows of all streams are committed together.',
    concerns: (value) => !isOn(value),
  },
  parallelism: { ignored: ONE_CONNECTION },
  parallelism_max: { ignored: ONE_CONNECTION },
  max_parallelism: { ignored: ONE_CONNECTION },
  temp_dir: { ignored: 'what does not fit into memory goes to TMPDIR.' },
  primary_key_required: {
    ignored: 'rows of streams without keys are added.',
    concerns: isOn,
  },
  default_target_schema_select_permission: { ignored: grants() },
  default_target_schema_select_permissions: { ignored: grants() },
  schema_mapping: {
    refused:
      'schemas are not mapped. Set default_target_schema, or schema_from_stream, and leave it out.',
  },
  disable_table_cache: { ignored: 'tables are looked up as their streams are described.' },
};

function grants(): string {
  return 'rights are not granted. Run ALTER DEFAULT PRIVILEGES IN SCHEMA … GRANT SELECT ON TABLES TO … once.';
}

/** `{"users": {}}` maps nothing of a stream. */
function leavesAllAsItIs(maps: unknown): boolean {
  try {
    const parts: unknown = JSON.parse(textOf(maps) || '{}');
    return isEach(parts, (part) => isEach(part, () => false));
  } catch {
    return false;
  }
}

/** Whether a value is an object, all of whose members are so. */
function isEach(value: unknown, isSo: (member: unknown) => boolean): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every(isSo);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
