import { readSettings } from '@traffic-events/singer';
import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { readConfigFiles } from '@traffic-events/warehouse/target';

/** Named as MeltanoLabs' target-postgres names them where it has the same. */
export const SETTINGS = {
  url: {
    kind: 'string',
    secret: true,
    description:
      'postgresql://user:password@host:port/database. The settings below win over its parts.',
  },
  host: {
    kind: 'string',
    description: 'Host of the server. PGHOST, then localhost, unless set.',
  },
  port: { kind: 'integer', description: 'Port of the server. PGPORT, then 5432, unless set.' },
  user: { kind: 'string', description: 'Name of the user. PGUSER unless set.' },
  password: {
    kind: 'string',
    secret: true,
    description: 'Password of the user. PGPASSWORD, then .pgpass, unless set.',
  },
  database: { kind: 'string', description: 'Name of the database. PGDATABASE unless set.' },
  ssl_enable: {
    kind: 'boolean',
    description: 'true: ssl_mode is verify-full unless set. false: no TLS.',
  },
  ssl_mode: {
    kind: 'string',
    allowed: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    description: 'As libpq has it. PGSSLMODE, then prefer, unless set.',
  },
  ssl_certificate_authority: {
    kind: 'string',
    description: 'PEM file of the authorities to trust. PGSSLROOTCERT unless set.',
  },
  ssl_client_certificate: {
    kind: 'string',
    description: "PEM file of this client's certificate. PGSSLCERT unless set.",
  },
  ssl_client_private_key: {
    kind: 'string',
    description: "PEM file of this client's key. PGSSLKEY unless set.",
  },
  connect_timeout_seconds: {
    kind: 'number',
    default: 10,
    description: 'How long a connection may take to be made.',
  },
  statement_timeout_seconds: {
    kind: 'number',
    description: 'How long a statement may run. As long as it takes unless set.',
  },
  lock_timeout_seconds: {
    kind: 'number',
    description: 'How long a statement may wait for a lock. As long as it takes unless set.',
  },
  default_target_schema: {
    kind: 'string',
    default: 'traffic_events',
    description: 'Database schema that tables are made in.',
  },
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
  schema_from_stream: {
    kind: 'boolean',
    default: false,
    description: 'Load stream sales-users into table users of schema sales.',
  },
  nul_replacement: {
    kind: 'string',
    description:
      'What the character U+0000 becomes, which PostgreSQL cannot store. Records with it are refused unless set.',
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
  max_line_bytes: {
    kind: 'integer',
    default: 134_217_728,
    description: 'Longest message accepted, in bytes.',
  },
} as const satisfies SettingDefinitions;

export type TargetSettings = SettingValues<typeof SETTINGS>;

/** Settings of the files, the later winning, and of the environment, which wins over them. */
export async function loadSettings(
  program: string,
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TargetSettings> {
  return readSettings(SETTINGS, {
    program,
    config: await readConfigFiles(files, '{"host": "localhost"}'),
    source: files.length === 0 ? 'a file for --config' : files.join(', '),
    env,
  });
}
