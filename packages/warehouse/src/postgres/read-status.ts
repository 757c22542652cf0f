import type { EventDate } from '@traffic-events/slice';
import { sql } from 'kysely';
import type { PartitionStatus, SliceFailureReason } from '../slices/partition-status.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import { DEFAULT_SCHEMA } from './postgres-options.ts';
import type { PostgresPlace } from './postgres-options.ts';
import { statementBuilder } from './tables/warehouse-tables.ts';
import type { StatementBuilder } from './tables/warehouse-tables.ts';

/** Reads without a lease, beside whoever is loading; nothing where nothing has been loaded yet. */
export async function readStatus(options: PostgresPlace): Promise<PartitionStatus[]> {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  const statements = statementBuilder(schema);
  const connection = await PostgresConnection.open(options.connection, {
    applicationName: 'traffic-events status',
  });
  try {
    if (!(await hasState(connection, statements, schema))) return [];
    return await connection.rows(partitionsOf(statements));
  } finally {
    await connection.close();
  }
}

async function hasState(
  connection: PostgresConnection,
  statements: StatementBuilder,
  schema: string,
): Promise<boolean> {
  const table = `"${schema.replaceAll('"', '""')}"._traffic_events_state`;
  const [found] = await connection.rows(
    sql<{ exists: boolean }>`SELECT to_regclass(${table}) IS NOT NULL AS exists`.compile(
      statements,
    ),
  );
  return found?.exists === true;
}

const FAILURES = sql<SliceFailureReason[]>`coalesce(jsonb_agg(jsonb_build_object(
  'event_date', entry.event_date::text, 'reason', entry.reason) ORDER BY entry.recorded_at), '[]')`;

/** Beyond the bookmark, where there is one. */
const isOpenDate = sql<boolean>`entry.event_date::text > coalesce(saved.state->>'bookmark', '')`;

function partitionsOf(statements: StatementBuilder) {
  return statements
    .selectFrom('_traffic_events_state as saved')
    .select([
      'stream',
      'account_id as accountId',
      'state',
      'run_id as runId',
      'saved_at as savedAt',
    ])
    .select((from) =>
      sql<EventDate[]>`array(${from
        .selectFrom('extractions as entry')
        .select(sql<string>`entry.event_date::text`.as('event_date'))
        .whereRef('entry.stream', '=', 'saved.stream')
        .whereRef('entry.account_id', '=', 'saved.account_id')
        .where('entry.status', '=', 'missed')
        .orderBy('entry.event_date')})`.as('missedDates'),
    )
    .select((from) =>
      sql<SliceFailureReason[]>`(${from
        .selectFrom('extractions as entry')
        .select(FAILURES.as('failures'))
        .whereRef('entry.stream', '=', 'saved.stream')
        .whereRef('entry.account_id', '=', 'saved.account_id')
        .where('entry.status', '=', 'failed')
        .where(isOpenDate)})`.as('failures'),
    )
    .orderBy('account_id')
    .orderBy('stream')
    .compile();
}
