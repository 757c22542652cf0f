import { readSettings } from '@traffic-events/singer';
import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { readConfigFiles } from '@traffic-events/warehouse/target';

/** Named as the BigQuery targets of Meltano's hub name them where they have the same. */
export const SETTINGS = {
  project: {
    kind: 'string',
    required: true,
    description: 'Project of the dataset; jobs run in it.',
  },
  dataset: {
    kind: 'string',
    default: 'traffic_events',
    description: 'Dataset that tables are made in; it is made if it does not exist.',
  },
  location: {
    kind: 'string',
    description: 'Location of a dataset that is made, such as EU. US unless set.',
  },
  credentials_path: {
    kind: 'string',
    description:
      'Key file of a service account. Application Default Credentials unless one is given.',
  },
  credentials_json: {
    kind: 'string',
    secret: true,
    description: 'Content of the key file of a service account.',
  },
  api_endpoint: {
    kind: 'string',
    description: 'URL of an emulator. BIGQUERY_EMULATOR_HOST, then Google, unless set.',
  },
  partition_granularity: {
    kind: 'string',
    allowed: ['day', 'month'],
    default: 'day',
    description: 'How slice tables are partitioned by event_date.',
  },
  cluster_by: {
    kind: 'string',
    description:
      'Columns that slice tables are clustered by behind account_id, with commas between them. campaign_id, campaign, line_item_id unless set.',
  },
  require_partition_filter: {
    kind: 'boolean',
    default: false,
    description: 'Refuse queries of slice tables that name no event_date.',
  },
  partition_expiration_days: {
    kind: 'integer',
    description:
      'Days after which partitions of slice tables that are made are deleted. Never unless set.',
  },
  labels: {
    kind: 'string',
    description: 'Labels of tables and jobs: team=media,env=prod.',
  },
  allow_expiring: {
    kind: 'string',
    description:
      'Names of tables, or of the dataset, that may expire their data, with commas between them. They are refused unless named.',
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
    description: 'What a JSON number becomes: numeric (BIGNUMERIC) is exact, double is FLOAT64.',
  },
  name_case: {
    kind: 'string',
    allowed: ['keep', 'lower'],
    default: 'keep',
    description: 'Whether names of tables and columns keep their capital letters.',
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
    default: 1_000_000,
    description: 'Rows that wait at most before they are committed and a state is passed on.',
  },
  batch_size_bytes: {
    kind: 'integer',
    default: 268_435_456,
    description: 'Bytes that wait at most.',
  },
  batch_age_seconds: {
    kind: 'number',
    default: 120,
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
    config: await readConfigFiles(files, '{"project": "my-project"}'),
    source: files.length === 0 ? 'a file for --config' : files.join(', '),
    env,
  });
}
