import { hasEmulator, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { WarehouseKind, WarehouseUnderTest } from './warehouse-kind.ts';

/** A dataset of its own in the emulator. */
async function openBigQuery(): Promise<WarehouseUnderTest> {
  const test = testDataset();
  const { project, dataset, apiEndpoint } = test.settings;
  const nameOf = (table: string) => `\`${dataset}.${table}\``;
  return {
    url: test.url,
    target: { program: 'target-bigquery', config: { project, dataset, api_endpoint: apiEndpoint } },
    textType: 'STRING',
    nameOf,
    contentSql: (table, without) =>
      `SELECT TO_JSON_STRING(t) AS content FROM (SELECT * EXCEPT (${without.join()}) FROM ${nameOf(table)}) AS t`,
    query: (sql) => test.query(sql),
    tables: async () => {
      const { connection } = test;
      const found = await connection.requestUnless(404, () => connection.dataset.getTables());
      return (found?.[0] ?? []).map(({ id }) => id ?? '');
    },
    drop: () => test.drop(),
  };
}

/** The emulator takes most of a second for what BigQuery does at once, so there is one date, and two streams. */
export const bigquery: WarehouseKind = {
  project: 'test/bigquery',
  isHere: hasEmulator,
  openEmpty: openBigQuery,
  streams: ['dsp_impressions', 'sponsored_ads_traffic'],
  days: 1,
  crash: { pipedLines: 80, loggedLines: 16, commitMs: 600 },
};
