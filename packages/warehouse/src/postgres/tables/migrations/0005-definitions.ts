import type { Migration } from './migration.ts';

/** What fingerprints of the ledger stand for. */
export const definitions: Migration = {
  number: 5,
  name: 'definitions',
  statements: (schema) => [
    `CREATE TABLE ${schema}.definitions (
      stream text NOT NULL,
      fingerprint text NOT NULL,
      time_zone text NOT NULL,
      kind text NOT NULL,
      query text NOT NULL,
      columns jsonb NOT NULL,
      first_used_at timestamptz NOT NULL,
      last_used_at timestamptz NOT NULL,
      PRIMARY KEY (stream, fingerprint)
    )`,
  ],
};
