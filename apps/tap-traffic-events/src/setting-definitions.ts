import type { SettingDefinitions } from '@traffic-events/singer';

export const PROGRAM = 'tap-traffic-events';

/** What the tap can be told, as `--about` lists it. */
export const settingDefinitions = {
  client_id: {
    kind: 'string',
    required: true,
    description: 'Client id of the Login with Amazon application.',
  },
  client_secret: {
    kind: 'string',
    required: true,
    secret: true,
    description: 'Client secret of the Login with Amazon application.',
  },
  refresh_token: {
    kind: 'string',
    required: true,
    secret: true,
    description: 'Refresh token of the user whose accounts are queried.',
  },
  start_date: {
    kind: 'date',
    required: true,
    description: 'First event date to extract. What the API no longer has is left out.',
  },
  accounts: {
    kind: 'array',
    required: true,
    description:
      'Accounts to query: {"marketplace": "DE", "advertiser_id": "1234"} for a DSP advertiser, {"marketplace": "UK", "entity_id": "ENTITY1"} for a sponsored ads entity. "time_zone" (an IANA name) makes its event dates local days instead of UTC ones; that choice is for good.',
  },
  streams: {
    kind: 'array',
    description:
      'Streams of your own: {"name", "data_source", "dimensions", "metrics"} or {"name", "account_kind", "sql", "columns", "keys"}.',
  },
  refresh: {
    kind: 'string',
    default: 'daily',
    allowed: ['daily', 'settled_only'],
    description:
      'daily asks for a date every day until nothing more can arrive for it; settled_only asks once, then.',
  },
  metric_layout: {
    kind: 'string',
    allowed: ['joined', 'per_metric'],
    description:
      'joined has a row per combination of dimensions, per_metric one for each of its metrics; by default each table has the one that suppresses less.',
  },
  column_types: {
    kind: 'object',
    description:
      'Types of columns whose cells do not fit the documented ones: {"dsp_impressions": {"total_cost": "DECIMAL"}}.',
  },
  max_active_executions: {
    kind: 'integer',
    default: 5,
    description: 'Executions of an account at a time, 1 to 5; leave some to other programs.',
  },
  max_executions_per_day: {
    kind: 'integer',
    description: 'Executions of an account on a UTC date; without a limit by default.',
  },
  archive: {
    kind: 'string',
    description: 'Folder in which the raw result of every execution is kept.',
  },
  batch_config: {
    kind: 'object',
    description:
      'Emits BATCH messages instead of records: {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": "file:///path"}}.',
  },
  api_url: {
    kind: 'string',
    description: "Address of the API; by default the one of each account's region.",
  },
  token_url: {
    kind: 'string',
    description: 'Address of the token endpoint; by default the one of the region.',
  },
} as const satisfies SettingDefinitions;
