import { SettingsError } from '@traffic-events/singer';
import { withEmulator } from '@traffic-events/warehouse/bigquery';
import type { BigQuerySettings, TableOptions } from '@traffic-events/warehouse/bigquery';
import type { TargetSettings } from './settings.ts';

/** Where the settings say that the dataset is, and who asks. */
export function connectionSettings(
  settings: TargetSettings,
  env: Readonly<Record<string, string | undefined>>,
): BigQuerySettings {
  const { project, dataset, location, credentials_path, credentials_json, api_endpoint } = settings;
  return withEmulator(
    {
      project,
      dataset,
      location,
      keyFile: credentials_path,
      keyJson: credentials_json,
      apiEndpoint: api_endpoint,
    },
    env,
  );
}

/** How the settings want tables to be made. */
export function tableOptions(settings: TargetSettings): TableOptions {
  return {
    partitioning: settings.partition_granularity as TableOptions['partitioning'],
    clusterBy: listOf(settings.cluster_by),
    requirePartitionFilter: settings.require_partition_filter,
    partitionExpirationDays: settings.partition_expiration_days,
    labels: labelsOf(settings.labels),
    allowExpiring: listOf(settings.allow_expiring),
  };
}

function listOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** https://cloud.google.com/bigquery/docs/labels-intro#requirements */
const LABEL = /^([\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62})=([\p{Ll}\p{Lo}\p{N}_-]{0,63})$/u;

function labelsOf(text: string | undefined): Record<string, string> | undefined {
  const labels = listOf(text)?.map((item) => {
    const match = LABEL.exec(item);
    if (match !== null) return [match[1] ?? '', match[2] ?? ''] as const;
    throw new SettingsError([
      `labels: expected small letters, digits, _ and -, as in team=media, got "${item}".`,
    ]);
  });
  return labels === undefined ? undefined : Object.fromEntries(labels);
}
