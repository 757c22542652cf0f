import type { Clock } from '@traffic-events/client';
import { sql } from 'kysely';
import type { DefinitionOfStream } from '../../tables/extracted-definitions.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

interface Place {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  /** API time. */
  readonly clock: Clock;
}

/** Enters what a stream asks for, or that it is used again. */
export async function enterDefinitions(
  { connection, statements, clock }: Place,
  definitions: readonly DefinitionOfStream[],
): Promise<void> {
  if (definitions.length === 0) return;
  const usedAt = new Date(clock.now());
  await connection.change(
    statements
      .insertInto('definitions')
      .values(
        definitions.map(({ columns, ...definition }) => ({
          ...definition,
          columns: JSON.stringify(columns),
          first_used_at: usedAt,
          last_used_at: usedAt,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['stream', 'fingerprint']).doUpdateSet({
          columns: sql`excluded.columns`,
          last_used_at: sql`greatest(definitions.last_used_at, excluded.last_used_at)`,
        }),
      )
      .compile(),
  );
}
