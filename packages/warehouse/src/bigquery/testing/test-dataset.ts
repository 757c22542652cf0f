import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings } from '../jobs/bigquery-settings.ts';
import './vitest-setup.ts';

/** A dataset of a test's own; it is made by who loads into it first. */
export interface TestDataset {
  readonly settings: BigQuerySettings;
  /** `bigquery://project/dataset?api_endpoint=…` */
  readonly url: string;
  readonly connection: BigQueryConnection;
  /** Rows of a SELECT; `{dataset}` stands for the dataset. Columns come as the client reads them. */
  query<Row extends Readonly<Record<string, unknown>> = Record<string, unknown>>(
    sql: string,
  ): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Whether there is an emulator; the tests that need one are skipped without. */
export function hasEmulator(): boolean {
  return inject('bigqueryEmulatorUrl') !== '';
}

export function testDataset(): TestDataset {
  const apiEndpoint = inject('bigqueryEmulatorUrl');
  const dataset = `test_${randomBytes(6).toString('hex')}`;
  const settings = { project: 'local', dataset, apiEndpoint };
  const connection = new BigQueryConnection({ settings });
  return {
    settings,
    url: `bigquery://local/${dataset}?api_endpoint=${encodeURIComponent(apiEndpoint)}`,
    connection,
    query: (sql) => connection.rows('read', sql.replaceAll('{dataset}', dataset)),
    drop: async () => {
      await connection.requestUnless(404, () => connection.dataset.delete({ force: true }));
    },
  };
}
