import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { ColumnType, JSONColumnType } from 'kysely';
import type {
  ExtractedDefinition,
  LedgerRow,
  LedgerStatus,
  PartitionState,
} from '@traffic-events/slice';

/** bigint: digits when it is read. */
type Bigint = ColumnType<string, string | number, string | number>;
type NullableBigint = ColumnType<string | null, string | number | null, string | number | null>;
type Timestamp = ColumnType<Date, string | Date, string | Date>;
type NullableTimestamp = ColumnType<Date | null, string | Date | null, string | Date | null>;

/** The table of the ledger, see docs/tables.md. */
export interface LedgerTable {
  extraction_id: string;
  stream: string;
  account_id: string;
  marketplace: string;
  event_date: string;
  status: LedgerStatus;
  execution_id: string | null;
  workflow_id: string | null;
  create_time: NullableTimestamp;
  row_count: NullableBigint;
  sums: JSONColumnType<LedgerRow['sums']>;
  suppressed_share: number | null;
  complete: boolean | null;
  settled: boolean | null;
  suspect: boolean | null;
  fingerprint: string;
  raw_sha256: string | null;
  reason: string | null;
  run_id: string;
  recorded_at: Timestamp;
}

/** Who may write to an account. `run_*` is the run that committed last, whoever holds the lease. */
export interface LeaseTable {
  account_id: string;
  epoch: Bigint;
  run_id: string | null;
  run_started_at: NullableTimestamp;
  /** Wall time; null once it has been given back. */
  heartbeat_at: NullableTimestamp;
  backend_pid: number | null;
  backend_start: NullableTimestamp;
}

export interface StateTable {
  stream: string;
  account_id: string;
  state: JSONColumnType<PartitionState>;
  run_id: string;
  saved_at: Timestamp;
}

export interface DefinitionsTable {
  stream: string;
  fingerprint: string;
  time_zone: string;
  kind: ExtractedDefinition['kind'];
  query: string;
  columns: JSONColumnType<ExtractedDefinition['columns']>;
  first_used_at: Timestamp;
  last_used_at: Timestamp;
}

export interface MigrationsTable {
  number: number;
  name: string;
  applied_at: Timestamp;
}

/** The tables whose columns are known before any stream has been described. */
export interface BookkeepingTables {
  extractions: LedgerTable;
  definitions: DefinitionsTable;
  _traffic_events_leases: LeaseTable;
  _traffic_events_state: StateTable;
  _traffic_events_migrations: MigrationsTable;
}

/** Builds statements; it runs none itself, because the loader decides on which connection and when. */
export type StatementBuilder = Kysely<BookkeepingTables>;

export function statementBuilder(schema: string): StatementBuilder {
  return new Kysely<BookkeepingTables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema(schema);
}
