import { closingId, isSameTimeZone, LEDGER_STREAM, parseAccountId } from '@traffic-events/slice';
import { AccountChangeError } from '../errors.ts';
import type { ViewDialect } from '../views/view-dialect.ts';

/** What may be done to the accounts that a warehouse holds. */
export type AccountChange =
  | { readonly kind: 'remove'; readonly accountId: string }
  | { readonly kind: 'rename'; readonly accountId: string; readonly to: string }
  /** The state alone: the next run asks again for what the API still has. */
  | { readonly kind: 'forget'; readonly accountId: string; readonly stream?: string | undefined };

const STATES = '_traffic_events_state';
const CURRENCIES = 'account_currencies';

/** Accounts that a change writes to, and whose leases it needs. */
export function accountsOfChange(change: AccountChange): string[] {
  return change.kind === 'rename' ? [change.accountId, change.to] : [change.accountId];
}

/**
 * Throws AccountChangeError for keys of two kinds, or of two time zones: dates of these are not the
 * same days.
 */
export function checkRename({ accountId, to }: Extract<AccountChange, { kind: 'rename' }>): void {
  const [from, into] = [parseAccountId(accountId), parseAccountId(to)];
  if (from === undefined || into === undefined || kindOf(accountId) !== kindOf(to)) {
    throw new AccountChangeError(accountId, `${to} is no account of the same kind`);
  }
  if (!isSameTimeZone(from.timeZone, into.timeZone)) {
    throw new AccountChangeError(
      accountId,
      `${to} has another time zone, whose dates are other days`,
    );
  }
}

/** `dsp` or `entity` */
function kindOf(accountId: string): string | undefined {
  return accountId.split(':')[1];
}

/** Statements of a change, for the tables of slices that there are; they belong together. */
export function changeStatements(
  dialect: ViewDialect,
  tables: readonly string[],
  change: AccountChange,
): string[] {
  if (change.kind === 'forget') return [forgetSql(dialect, change)];
  const all = [...tables, LEDGER_STREAM, STATES, CURRENCIES];
  if (change.kind === 'remove') {
    return all.map(
      (table) => `DELETE FROM ${dialect.qualified(table)} WHERE ${isOf(dialect, table, change)}`,
    );
  }
  return all.map((table) => renameSql(dialect, table, change));
}

/** How many rows an account has in each table. */
export function countsSql(
  dialect: ViewDialect,
  tables: readonly string[],
  accountId: string,
): string {
  const counts = [...tables, LEDGER_STREAM, STATES].map(
    (table) =>
      `SELECT ${dialect.literal(table)} AS table_name, CAST(count(*) AS ${dialect.types.text}) AS row_count
  FROM ${dialect.qualified(table)} WHERE ${isOf(dialect, table, { accountId })}`,
  );
  return counts.join('\nUNION ALL ');
}

function forgetSql(
  dialect: ViewDialect,
  { accountId, stream }: Extract<AccountChange, { kind: 'forget' }>,
): string {
  const ofStream = stream === undefined ? '' : ` AND stream = ${dialect.literal(stream)}`;
  return `DELETE FROM ${dialect.qualified(STATES)} WHERE account_id = ${dialect.literal(accountId)}${ofStream}`;
}

function renameSql(
  dialect: ViewDialect,
  table: string,
  change: Extract<AccountChange, { kind: 'rename' }>,
): string {
  const { accountId, to } = change;
  const sets = [`account_id = ${dialect.literal(to)}`];
  if (table !== STATES && table !== CURRENCIES) {
    sets.push(`marketplace = ${dialect.literal(to.slice(0, to.indexOf(':')))}`);
  }
  if (table === LEDGER_STREAM) {
    const [before, after] = [accountId, to].map((id) => dialect.literal(`:${id}:`));
    const isClosing = `extraction_id LIKE ${dialect.literal(closingId('%', '%', '%'))}`;
    sets.push(
      `extraction_id = CASE WHEN ${isClosing} THEN REPLACE(extraction_id, ${before}, ${after}) ELSE extraction_id END`,
    );
  }
  return `UPDATE ${dialect.qualified(table)} SET ${sets.join(', ')} WHERE ${isOf(dialect, table, change)}`;
}

/** Tables of slices may refuse a query that names no date. */
function isOf(
  dialect: ViewDialect,
  table: string,
  { accountId }: Pick<AccountChange, 'accountId'>,
): string {
  const isSlices = ![LEDGER_STREAM, STATES, CURRENCIES].includes(table);
  const anyDate = isSlices ? ` AND event_date >= DATE '0001-01-01'` : '';
  return `account_id = ${dialect.literal(accountId)}${anyDate}`;
}
