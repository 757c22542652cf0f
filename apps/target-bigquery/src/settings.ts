import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { COMMON_SETTINGS } from '@traffic-events/warehouse/target';

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
    examples: ['team=media,env=prod'],
    description: 'Labels of tables and jobs: team=media,env=prod.',
  },
  allow_expiring: {
    kind: 'string',
    description:
      'Names of tables, or of the dataset, that may expire their data, with commas between them. They are refused unless named.',
  },
  ...COMMON_SETTINGS,
  number_type: {
    ...COMMON_SETTINGS.number_type,
    description: 'What a JSON number becomes: numeric (BIGNUMERIC) is exact, double is FLOAT64.',
  },
  // A flush costs three jobs, so that it is worth to gather more.
  batch_size_rows: { ...COMMON_SETTINGS.batch_size_rows, default: 1_000_000 },
  batch_size_bytes: { ...COMMON_SETTINGS.batch_size_bytes, default: 268_435_456 },
  batch_age_seconds: { ...COMMON_SETTINGS.batch_age_seconds, default: 120 },
} as const satisfies SettingDefinitions;

export type TargetSettings = SettingValues<typeof SETTINGS>;
