import { WarehouseConnectionError } from '../../errors.ts';

/** Where the dataset is, and who asks. Without a key, Application Default Credentials are used. */
export interface BigQuerySettings {
  readonly project: string;
  readonly dataset: string;
  /** Location of the dataset when it has to be made, such as `EU`; where it is, if it exists. */
  readonly location?: string | undefined;
  /** Path of a service account's key file. */
  readonly keyFile?: string | undefined;
  /** Content of a service account's key file. */
  readonly keyJson?: string | undefined;
  /** Another endpoint than Google's, such as an emulator's; nothing is authenticated there. */
  readonly apiEndpoint?: string | undefined;
}

/** How tables are made, and what is allowed of those that exist. */
export interface TableOptions {
  /** Partitions of slice tables: by day of event_date unless given. */
  readonly partitioning?: 'day' | 'month' | undefined;
  /** Columns of slice tables that rows are clustered by, behind account_id; those that exist, three at most. */
  readonly clusterBy?: readonly string[] | undefined;
  readonly requirePartitionFilter?: boolean | undefined;
  /** Days after which partitions of slice tables are deleted. Never, unless given. */
  readonly partitionExpirationDays?: number | undefined;
  /** Labels of the tables and jobs. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Names of tables, or of the dataset, that may expire their data. */
  readonly allowExpiring?: readonly string[] | undefined;
}

const EXPECTED =
  'Write bigquery://project/dataset, with ?location=EU or ?api_endpoint=http://localhost:9050 behind it where they are needed.';

/** Settings of `bigquery://project/dataset`. Throws `WarehouseConnectionError` for what is none. */
export function settingsOfUrl(
  url: string,
  env: Readonly<Record<string, string | undefined>> = {},
): BigQuerySettings {
  const parsed = URL.parse(url);
  const dataset = parsed?.pathname.replaceAll(/^\/|\/$/g, '') ?? '';
  const isWhole = parsed?.protocol === 'bigquery:' && parsed.hostname !== '' && dataset !== '';
  if (!isWhole || dataset.includes('/')) {
    throw new WarehouseConnectionError(`The warehouse's URL is not one of BigQuery. ${EXPECTED}`, {
      action: 'fatal',
    });
  }
  const parameter = (name: string) => parsed.searchParams.get(name) ?? undefined;
  return withEmulator(
    {
      project: parsed.hostname,
      dataset,
      location: parameter('location'),
      keyFile: parameter('key_file'),
      apiEndpoint: parameter('api_endpoint'),
    },
    env,
  );
}

/** As Google's clients read it: BIGQUERY_EMULATOR_HOST is the endpoint where none is given. */
export function withEmulator(
  settings: BigQuerySettings,
  env: Readonly<Record<string, string | undefined>>,
): BigQuerySettings {
  const host = env['BIGQUERY_EMULATOR_HOST'];
  if (settings.apiEndpoint !== undefined || host === undefined || host === '') return settings;
  return { ...settings, apiEndpoint: /^https?:\/\//.test(host) ? host : `http://${host}` };
}
