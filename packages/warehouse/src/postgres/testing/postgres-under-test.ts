import { changeAccountWith, countRows } from '../../audit/administration.ts';
import { verifySlices } from '../../audit/verify-slices.ts';
import { withReader } from '../../audit/with-reader.ts';
import { textRows } from '../../testing/warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../../testing/warehouse-under-test.ts';
import { PostgresDriver } from '../postgres-driver.ts';
import { postgresReader } from '../postgres-reader.ts';
import { PostgresSink } from '../postgres-sink.ts';
import { loadMessages } from '../postgres-target.ts';
import { SQL_TYPES } from '../tables/column-types.ts';
import { readStatus } from '../read-status.ts';
import { loadLines } from './load-lines.ts';
import { createTestDatabase } from './test-database.ts';

/** A database of its own, for the contract suites; `way` leads there from its own URL. */
export async function postgresUnderTest(
  way = (direct: string) => direct,
): Promise<WarehouseUnderTest> {
  const database = await createTestDatabase();
  const connection = { url: way(database.url) };
  const reader = () => postgresReader({ connection });
  const leaseTimings = { busyWaitMs: 0 };
  return {
    url: connection.url,
    types: SQL_TYPES,
    loadMessages: (source, options) => loadMessages(source, { connection, ...options }),
    load: (lines, rules = {}) => loadLines(lines, { connection, rules }),
    sink: (options) => new PostgresSink({ connection, ...options }),
    status: () => readStatus({ connection }),
    verify: () => withReader(reader, verifySlices),
    countRows: (accountId) => withReader(reader, (read) => countRows(read, accountId)),
    changeAccount: (change) =>
      changeAccountWith(
        { reader, driver: () => PostgresDriver.open({ connection, leaseTimings }) },
        change,
      ),
    async change(statement) {
      await database.query(statement.replaceAll(/\{(\w+)\}/g, 'traffic_events."$1"'));
    },
    async refuse(table, column, value) {
      await database.query(
        `ALTER TABLE traffic_events."${table}" ADD CHECK ("${column}" <> '${value}')`,
      );
    },
    formerTaking: 'UPDATE {_traffic_events_lease} SET epoch = epoch + 0',
    async putLeasesBack() {
      await database.query(
        `ALTER TABLE traffic_events._traffic_events_leases RENAME TO _traffic_events_lease;
         ALTER TABLE traffic_events._traffic_events_lease
           RENAME CONSTRAINT _traffic_events_leases_pkey TO _traffic_events_lease_pkey;
         DELETE FROM traffic_events._traffic_events_migrations WHERE name = 'leases'`,
      );
    },
    async typesOf(table) {
      const columns = await database.query<{ name: string; type: string }>(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
          WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
        [`traffic_events."${table}"`],
      );
      return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    },
    async rows(table, columns, where = 'true') {
      const texts = columns.map(
        (column, at) => `CAST("${column.replace(':json', '')}" AS text) AS c${at}`,
      );
      const rows = await database.query<Record<string, string | null>>(
        `SELECT ${texts.join(', ')} FROM traffic_events."${table}" WHERE ${where}`,
      );
      return textRows(rows, columns);
    },
    async makeNewer() {
      await database.query(
        `INSERT INTO traffic_events._traffic_events_migrations VALUES (999, 'of-tomorrow', '2030-01-01Z')`,
      );
    },
    drop: () => database.drop(),
  };
}
