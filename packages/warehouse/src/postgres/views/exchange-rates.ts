import { systemClock } from '@traffic-events/client';
import { sql } from 'kysely';
import type { ExchangeRate } from '../../views/exchange-rate.ts';
import { PostgresConnection } from '../connection/postgres-connection.ts';
import { DEFAULT_SCHEMA } from '../postgres-options.ts';
import type { PostgresPlace } from '../postgres-options.ts';
import { migrate } from '../tables/migrations/migrate.ts';
import { statementBuilder } from '../tables/warehouse-tables.ts';

/** Keeps rates, all of them or none. */
export async function putExchangeRates(
  { connection: options, schema = DEFAULT_SCHEMA }: PostgresPlace,
  rates: readonly ExchangeRate[],
): Promise<void> {
  const statements = statementBuilder(schema);
  const connection = await PostgresConnection.open(options);
  try {
    await migrate({ connection, statements, schema, clock: systemClock });
    await connection.transaction(async () => {
      await connection.change(putRates(schema, rates).compile(statements));
    });
  } finally {
    await connection.close();
  }
}

function putRates(schema: string, rates: readonly ExchangeRate[]) {
  return sql`
    INSERT INTO ${sql.id(schema, 'exchange_rates')}
      (rate_date, from_currency, to_currency, rate, published_on)
    SELECT * FROM unnest(
      ${rates.map(({ date }) => date)}::date[], ${rates.map(({ from }) => from)}::text[],
      ${rates.map(({ to }) => to)}::text[], ${rates.map(({ rate }) => rate)}::numeric[],
      ${rates.map(({ publishedOn }) => publishedOn)}::date[])
    ON CONFLICT (rate_date, from_currency, to_currency)
    DO UPDATE SET rate = excluded.rate, published_on = excluded.published_on`;
}
