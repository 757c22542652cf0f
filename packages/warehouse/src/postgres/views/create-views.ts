import { systemClock } from '@traffic-events/client';
import { sql } from 'kysely';
import { lock, migrate } from '../tables/migrations/migrate.ts';
import { PostgresConnection } from '../connection/postgres-connection.ts';
import { withLockPatience } from '../lock-patience.ts';
import { DEFAULT_SCHEMA } from '../postgres-options.ts';
import type { PostgresPlace } from '../postgres-options.ts';
import { statementBuilder } from '../tables/warehouse-tables.ts';
import type { ViewSettings } from '../../views/exchange-rate.ts';
import { makeViews } from './make-views.ts';

export interface CreateViewsOptions extends PostgresPlace, ViewSettings {}

/**
 * Makes the views, or brings them up to date with the tables that exist now. Answers their
 * statements, in order; views of the user's own that build on them stay.
 */
export async function createViews(options: CreateViewsOptions): Promise<string[]> {
  const { schema = DEFAULT_SCHEMA, clock = systemClock } = options;
  const statements = statementBuilder(schema);
  const connection = await PostgresConnection.open(options.connection, {
    applicationName: 'traffic-events views',
  });
  const place = { connection, statements, schema };
  try {
    return await withLockPatience(async () => {
      await migrate({ ...place, clock });
      return connection.transaction(async () => {
        await lock(place);
        for (const currency of Object.entries(options.currencies ?? {})) {
          await connection.change(setCurrency(schema, ...currency).compile(statements));
        }
        if (options.reportingCurrency !== undefined) {
          const statement = setReportingCurrency(schema, options.reportingCurrency);
          await connection.change(statement.compile(statements));
        }
        return makeViews({ ...place, clock });
      });
    }, options.connection);
  } finally {
    await connection.close();
  }
}

function setCurrency(schema: string, accountId: string, currency: string) {
  return sql`
    INSERT INTO ${sql.id(schema, 'account_currencies')} (account_id, currency)
    VALUES (${accountId}, ${currency})
    ON CONFLICT (account_id) DO UPDATE SET currency = excluded.currency`;
}

function setReportingCurrency(schema: string, currency: string) {
  return sql`UPDATE ${sql.id(schema, 'account_currencies')} SET reporting_currency = ${currency}`;
}
