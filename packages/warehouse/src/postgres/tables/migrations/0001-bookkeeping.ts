import type { Migration } from './migration.ts';

/** The ledger as docs/tables.md has it, and the tables that guard the loading. */
export const bookkeeping: Migration = {
  number: 1,
  name: 'bookkeeping',
  statements: (schema) => [
    `CREATE TABLE ${schema}.extractions (
      extraction_id text PRIMARY KEY,
      stream text NOT NULL,
      account_id text NOT NULL,
      marketplace text NOT NULL,
      event_date date NOT NULL,
      status text NOT NULL CHECK (status IN
        ('settled', 'open', 'frozen', 'partial', 'missed', 'kept_better', 'failed')),
      execution_id text,
      workflow_id text,
      create_time timestamptz,
      row_count bigint,
      sums jsonb NOT NULL,
      suppressed_share double precision,
      complete boolean,
      settled boolean,
      suspect boolean,
      fingerprint text NOT NULL,
      raw_sha256 text,
      reason text,
      run_id text NOT NULL,
      recorded_at timestamptz NOT NULL
    )`,
    `CREATE INDEX extractions_slice ON ${schema}.extractions (account_id, stream, event_date)`,
    `CREATE TABLE ${schema}._traffic_events_lease (
      account_id text PRIMARY KEY,
      epoch bigint NOT NULL,
      run_id text,
      run_started_at timestamptz,
      heartbeat_at timestamptz,
      backend_pid integer,
      backend_start timestamptz
    )`,
    `CREATE TABLE ${schema}._traffic_events_state (
      stream text NOT NULL,
      account_id text NOT NULL,
      state jsonb NOT NULL,
      run_id text NOT NULL,
      saved_at timestamptz NOT NULL,
      PRIMARY KEY (stream, account_id)
    )`,
  ],
};
