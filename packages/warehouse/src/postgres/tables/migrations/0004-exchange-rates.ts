import type { Migration } from './migration.ts';

/** What the views need to show costs of several currencies in one; filled by the user. */
export const exchangeRates: Migration = {
  number: 4,
  name: 'exchange-rates',
  statements: (schema) => [
    `ALTER TABLE ${schema}.account_currencies
       ADD COLUMN reporting_currency text CHECK (reporting_currency ~ '^[A-Z]{3}$')`,
    `CREATE TABLE ${schema}.exchange_rates (
      rate_date date NOT NULL,
      from_currency text NOT NULL CHECK (from_currency ~ '^[A-Z]{3}$'),
      to_currency text NOT NULL CHECK (to_currency ~ '^[A-Z]{3}$'),
      rate numeric NOT NULL CHECK (rate > 0),
      published_on date NOT NULL,
      PRIMARY KEY (rate_date, from_currency, to_currency)
    )`,
  ],
};
