import { LEDGER_STREAM } from '@traffic-events/slice';
import type { ResultDriver } from '../driver.ts';
import { AccountChangeError } from '../errors.ts';
import { accountsOfChange, changeStatements, checkRename, countsSql } from './account-change.ts';
import type { AccountChange } from './account-change.ts';
import type { WarehouseReader } from './warehouse-reader.ts';

/** Rows that an account has in a table. */
export interface TableRows {
  readonly table: string;
  readonly rows: number;
}

/** Rows by table; tables without any are left out. */
export async function countRows(reader: WarehouseReader, accountId: string): Promise<TableRows[]> {
  if (!(await reader.hasTable(LEDGER_STREAM))) return [];
  const { dialect } = reader;
  const tables = [...(await reader.sliceTables()).keys()];
  const counts = await reader.rows<{ table_name: string; row_count: string }>(
    countsSql(dialect, tables, accountId),
  );
  return counts
    .map(({ table_name, row_count }) => ({ table: table_name, rows: Number(row_count) }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Changes accounts in one transaction under their leases; AccountChangeError for what cannot be. */
export async function changeAccountWith(
  open: {
    readonly reader: () => Promise<WarehouseReader>;
    readonly driver: () => Promise<ResultDriver>;
  },
  change: AccountChange,
): Promise<void> {
  const [reader, driver] = [await open.reader(), await open.driver()];
  try {
    await driver.administer(accountsOfChange(change), async () => {
      await refuse(reader, change);
      const tables = [...(await reader.sliceTables()).keys()];
      return changeStatements(reader.dialect, tables, change);
    });
  } finally {
    await Promise.all([reader.close(), driver.close()]);
  }
}

/** Two accounts would become one. */
async function refuse(reader: WarehouseReader, change: AccountChange): Promise<void> {
  if (change.kind !== 'rename') return;
  const { accountId, to } = change;
  checkRename(change);
  const held = await countRows(reader, to);
  if (held.length === 0) return;
  throw new AccountChangeError(accountId, `${to} is held already (${held[0]?.table})`);
}
