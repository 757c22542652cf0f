import { textRows } from '../../testing/warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../../testing/warehouse-under-test.ts';
import { PostgresSink } from '../postgres-sink.ts';
import { readStatus } from '../read-status.ts';
import { loadLines } from './load-lines.ts';
import { createTestDatabase } from './test-database.ts';

/** A database of its own, for the contract suites. */
export async function postgresUnderTest(): Promise<WarehouseUnderTest> {
  const database = await createTestDatabase();
  const connection = { url: database.url };
  return {
    load: (lines, rules = {}) => loadLines(lines, { connection, rules }),
    sink: (options) => new PostgresSink({ connection, ...options }),
    status: () => readStatus({ connection }),
    async change(statement) {
      await database.query(statement.replaceAll(/\{(\w+)\}/g, 'traffic_events."$1"'));
    },
    async rows(table, columns, where = 'true') {
      const texts = columns.map((column) => `CAST("${column}" AS text) AS "${column}"`).join(', ');
      const rows = await database.query<Record<string, string | null>>(
        `SELECT ${texts} FROM traffic_events."${table}" WHERE ${where}`,
      );
      return textRows(rows, columns);
    },
    drop: () => database.drop(),
  };
}
