import type { Migration } from './migration.ts';

/** What the views need to turn millicents into money; filled by whoever knows. */
export const accountCurrency: Migration = {
  number: 2,
  name: 'account-currency',
  statements: (schema) => [
    `CREATE TABLE ${schema}.account_currencies (
      account_id text PRIMARY KEY,
      currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$')
    )`,
  ],
};
