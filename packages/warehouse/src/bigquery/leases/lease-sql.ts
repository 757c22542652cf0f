import { LEDGER_STREAM, rawAccountOf } from '@traffic-events/slice';
import type { HeldLease, LeaseTaking } from '../../leases/lease-keeper.ts';
import { leaseCheck, ownRows } from './lease-rows.ts';
import { literal, qualified, timestampLiteral } from '../tables/sql-text.ts';
import { LEASE_TABLE, STATE_TABLE } from '../tables/table-resources.ts';

/** A lease row, every column as text. */
export interface LeaseRow extends Readonly<Record<string, unknown>> {
  readonly account_id: string;
  readonly epoch: string;
  readonly run_id: string | null;
  readonly run_started_at: string | null;
  readonly heartbeat_at: string | null;
  readonly holder: string | null;
}

const instant = (column: string) =>
  `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${column}, 'UTC') AS ${column}`;

/** An account that states or ledger are about, in the shape of a lease. */
export interface KnownAccountRow extends Readonly<Record<string, unknown>> {
  readonly account_id: string;
  readonly epoch: null;
}

/**
 * The leases of accounts in any time zone and, as every job is billed, in the same one what states and
 * ledger know of them likewise.
 */
export function leasesSql(dataset: string, accounts: readonly string[]): string {
  const known = [STATE_TABLE, LEDGER_STREAM].map(
    (table) =>
      `SELECT account_id FROM ${qualified(dataset, table)} WHERE ${inAnyZone(accounts).join(' OR ')}`,
  );
  return `SELECT account_id, CAST(epoch AS STRING) AS epoch, run_id, ${instant('run_started_at')}, ${instant('heartbeat_at')}, holder
    FROM ${qualified(dataset, LEASE_TABLE)} WHERE ${inAnyZone(accounts).join(' OR ')}
    UNION ALL
    SELECT account_id, CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING)
    FROM (${known.join(' UNION DISTINCT ')})`;
}

/** Conditions of one column alone, so that clustering by it tells which blocks to read. */
function inAnyZone(accounts: readonly string[]): string[] {
  return [...new Set(accounts.map(rawAccountOf))].flatMap((account) => [
    `account_id = ${literal(account)}`,
    `STARTS_WITH(account_id, ${literal(`${account}@`)})`,
  ]);
}

/**
 * Takes leases, all or none: an epoch that is no longer the one that was seen fails the script. The
 * guard row is changed first, so that of two that make the same row one is rolled back.
 */
export function takeLeasesSql(
  dataset: string,
  takings: readonly LeaseTaking[],
  { holder, heartbeatAt }: { readonly holder: string; readonly heartbeatAt: string },
): string {
  const table = qualified(dataset, LEASE_TABLE);
  const known = takings.flatMap(({ accountId, from }) =>
    from === undefined ? [] : [{ accountId, epoch: from }],
  );
  const added = takings.filter(({ from }) => from === undefined);
  const accounts = added.map(({ accountId }) => literal(accountId)).join(', ');
  const [instant, name] = [timestampLiteral(heartbeatAt), literal(holder)];
  const statements = [
    'BEGIN TRANSACTION',
    `UPDATE ${table} SET epoch = epoch + 1 WHERE account_id = '*'`,
    ...checked(
      known,
      `UPDATE ${table} SET epoch = epoch + 1, heartbeat_at = ${instant}, holder = ${name} WHERE ${ownRows(known)}`,
    ),
    ...checked(
      added,
      `INSERT INTO ${table} (account_id, epoch, heartbeat_at, holder) SELECT wanted, 1, ${instant}, ${name} FROM UNNEST([${accounts}]) AS wanted WHERE wanted NOT IN (SELECT account_id FROM ${table})`,
    ),
    'COMMIT TRANSACTION',
  ];
  return `${statements.join(';\n')};`;
}

/** A statement that has to change a row for each of `leases`; none where there are none. */
function checked(leases: readonly unknown[], statement: string): string[] {
  return leases.length === 0 ? [] : [statement, leaseCheck(leases.length)];
}

export function heartbeatSql(
  dataset: string,
  leases: readonly HeldLease[],
  heartbeatAt: string,
): string {
  return `UPDATE ${qualified(dataset, LEASE_TABLE)} SET heartbeat_at = ${timestampLiteral(heartbeatAt)} WHERE ${ownRows(leases)}`;
}

/** Gives leases back and, in the same transaction, does what a run does at its end. */
export function releaseLeasesSql(
  dataset: string,
  leases: readonly HeldLease[],
  last: string,
): string {
  const statements = [
    'BEGIN TRANSACTION',
    last,
    `UPDATE ${qualified(dataset, LEASE_TABLE)} SET heartbeat_at = NULL, holder = NULL WHERE ${ownRows(leases)}`,
    'COMMIT TRANSACTION',
  ];
  return `${statements.join(';\n')};`;
}
