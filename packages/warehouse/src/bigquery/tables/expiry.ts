import type { DatasetResource, TableMetadata } from '@google-cloud/bigquery';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { ExpiringDataError } from './expiring-data-error.ts';

const DAY_MS = 86_400_000;

/** Throws `ExpiringDataError` for a dataset whose new tables or partitions would be deleted. */
export function refuseExpiringDataset(
  name: string,
  { defaultTableExpirationMs, defaultPartitionExpirationMs }: DatasetResource,
  options: TableOptions,
): void {
  if (options.allowExpiring?.includes(name) === true) return;
  if (isSet(defaultTableExpirationMs)) {
    throw new ExpiringDataError('Dataset', name, `tables after ${days(defaultTableExpirationMs)}`);
  }
  if (isSet(defaultPartitionExpirationMs)) {
    throw new ExpiringDataError(
      'Dataset',
      name,
      `partitions after ${days(defaultPartitionExpirationMs)}`,
    );
  }
}

/** Throws `ExpiringDataError` for a table that will be deleted, or whose partitions will. */
export function refuseExpiringTable(
  name: string,
  { expirationTime, timePartitioning }: TableMetadata,
  options: TableOptions,
): void {
  if (options.allowExpiring?.includes(name) === true) return;
  if (isSet(expirationTime)) {
    const at = new Date(Number(expirationTime)).toISOString();
    throw new ExpiringDataError('Table', name, `it is deleted at ${at}`);
  }
  const { expirationMs } = timePartitioning ?? {};
  const isAsked = options.partitionExpirationDays !== undefined;
  if (!isAsked && isSet(expirationMs)) {
    throw new ExpiringDataError('Table', name, `its partitions after ${days(expirationMs)}`);
  }
}

function isSet(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '0';
}

function days(durationMs: string): string {
  return `${Number(durationMs) / DAY_MS} days`;
}
