import { literal, qualified } from '../tables/sql-text.ts';
import { FORMER_LEASE_TABLE, formerLeaseTable, LEASE_TABLE } from '../tables/table-resources.ts';

const COLUMNS = 'account_id, epoch, run_id, run_started_at, heartbeat_at, holder';

/** Takes over every lease, and who holds it, in the place of what an earlier try has left. */
export function copyFormerLeasesSql(dataset: string): string {
  const [leases, former] = [LEASE_TABLE, FORMER_LEASE_TABLE].map((name) =>
    qualified(dataset, name),
  );
  const statements = [
    'BEGIN TRANSACTION',
    `DELETE FROM ${leases} WHERE TRUE`,
    `INSERT INTO ${leases} (${COLUMNS}) SELECT ${COLUMNS} FROM ${former}`,
    'COMMIT TRANSACTION',
  ];
  return `${statements.join(';\n')};`;
}

/** Puts the table in its place that programs of before fail on, in one step. */
export function retireFormerLeasesSql(dataset: string): string {
  const { description = '' } = formerLeaseTable({});
  return `CREATE OR REPLACE TABLE ${qualified(dataset, FORMER_LEASE_TABLE)} (
    account_id STRING NOT NULL, epoch STRING NOT NULL, run_id STRING, run_started_at TIMESTAMP,
    heartbeat_at TIMESTAMP, holder STRING
  ) OPTIONS (description = ${literal(description)})`;
}
