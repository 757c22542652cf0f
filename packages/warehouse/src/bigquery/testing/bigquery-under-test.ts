import { changeAccountWith, countRows } from '../../audit/administration.ts';
import { verifySlices } from '../../audit/verify-slices.ts';
import { withReader } from '../../audit/with-reader.ts';
import { textRows } from '../../testing/warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../../testing/warehouse-under-test.ts';
import { BigQueryDriver } from '../bigquery-driver.ts';
import { bigqueryReader } from '../bigquery-reader.ts';
import { BigQuerySink } from '../bigquery-sink.ts';
import { loadMessages } from '../bigquery-target.ts';
import { FIELD_TYPES } from '../tables/column-types.ts';
import { fieldsOf, FORMAT_LABEL, LEASE_TABLE } from '../tables/table-resources.ts';
import { readStatus } from '../read-status.ts';
import { loadLines } from './load-lines.ts';
import { RefusingProxy } from './refusing-proxy.ts';
import { testDataset } from './test-dataset.ts';

/** A dataset of its own on the emulator, for the contract suites. */
export async function bigqueryUnderTest(): Promise<WarehouseUnderTest> {
  const dataset = testDataset();
  const proxy = new RefusingProxy(dataset.settings);
  let connection = dataset.settings;
  const change = async (statement: string) => {
    const place = statement.replaceAll(/\{(\w+)\}/g, `\`${connection.dataset}.$1\``);
    const work = { kind: 'alter', identity: [crypto.randomUUID()] } as const;
    await dataset.connection.execute(work, place);
  };
  const reader = () => bigqueryReader(connection);
  const leaseTimings = { busyWaitMs: 0 };
  return {
    url: dataset.url,
    types: FIELD_TYPES,
    loadMessages: (source, options) => loadMessages(source, { connection, ...options }),
    load: (lines, rules = {}) => loadLines(lines, { connection, rules }),
    sink: (options) => new BigQuerySink({ connection, ...options }),
    status: () => readStatus({ connection }),
    verify: () => withReader(reader, verifySlices),
    countRows: (accountId) => withReader(reader, (read) => countRows(read, accountId)),
    changeAccount: (change) =>
      changeAccountWith(
        { reader, driver: async () => new BigQueryDriver({ connection, leaseTimings }) },
        change,
      ),
    change,
    formerTaking: `BEGIN TRANSACTION;
      UPDATE {_traffic_events_lease} SET epoch = epoch + 1 WHERE account_id = '*';
      COMMIT TRANSACTION;`,
    async putLeasesBack() {
      await change(
        'CREATE OR REPLACE TABLE {_traffic_events_lease} AS SELECT * FROM {_traffic_events_leases}',
      );
      await change('UPDATE {_traffic_events_leases} SET epoch = epoch + 100 WHERE TRUE');
    },
    async refuse(_table, column, value) {
      connection = await proxy.refuse(`"${column}":"${value}"`);
    },
    async typesOf(table) {
      const [metadata] = await dataset.connection.dataset.table(table).getMetadata();
      return Object.fromEntries(fieldsOf(metadata).map(({ name, type }) => [name, type]));
    },
    async rows(table, columns, where = 'true') {
      const texts = columns.map((column, at) => {
        const name = `\`${column.replace(':json', '')}\``;
        if (!column.endsWith(':json')) return `CAST(${name} AS STRING) AS c${at}`;
        return `IF(${name} IS NULL, NULL, TO_JSON_STRING(${name})) AS c${at}`;
      });
      const rows = await dataset.query<Record<string, string | null>>(
        `SELECT ${texts.join(', ')} FROM \`{dataset}.${table}\` WHERE ${where}`,
      );
      return textRows(rows, columns);
    },
    async makeNewer() {
      const labels = { [FORMAT_LABEL]: '999' };
      await dataset.connection.dataset.table(LEASE_TABLE).setMetadata({ labels });
    },
    async drop() {
      proxy.close();
      await dataset.drop();
    },
  };
}
