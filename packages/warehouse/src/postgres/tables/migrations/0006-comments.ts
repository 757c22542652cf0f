import { LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import { quote, quoteLiteral } from '../../connection/identifiers.ts';
import type { Migration } from './migration.ts';

type Words = Readonly<Record<string, string>>;

const TABLES: Readonly<Record<string, readonly [words: string, columns: Words]>> = {
  [LEDGER_STREAM]: [LEDGER_SCHEMA.description, ledgerWords()],
  account_currencies: [
    'Currencies of accounts, in which the views show costs.',
    {
      account_id: 'Stable key of the account.',
      currency: 'ISO 4217 code of its currency.',
      reporting_currency: 'ISO 4217 code of the currency of reports, the same for all.',
    },
  ],
  exchange_rates: [
    'What a unit of one currency is in another, by date; filled by the user.',
    {
      rate_date: 'Event date that the rate is used for.',
      from_currency: "ISO 4217 code of the account's currency.",
      to_currency: 'ISO 4217 code of the currency of reports.',
      rate: 'Units of the second for one of the first.',
      published_on: 'Date whose rate it is.',
    },
  ],
  definitions: [
    'What each fingerprint of the ledger stands for.',
    {
      stream: 'Stream that is asked for.',
      fingerprint: 'As in the ledger.',
      time_zone: 'IANA name of the zone whose dates are asked for.',
      kind: 'sql, or template of a templated report.',
      query: 'The SQL; of a template its name and parameters as JSON.',
      columns: "The result's columns in order.",
      first_used_at: 'When a run was first made with it.',
      last_used_at: 'When a run was last made with it.',
    },
  ],
  _traffic_events_leases: [
    'Who may write to an account. Changed only by the loader.',
    {
      account_id: 'Account.',
      epoch: 'Raised by whoever takes the lease; every commit asks for its own.',
      run_id: 'Run that committed last.',
      run_started_at: 'When that run began.',
      heartbeat_at: 'When its holder was last seen; NULL when it has been given back.',
      backend_pid: 'Session of its holder.',
      backend_start: 'When that session began.',
    },
  ],
  _traffic_events_state: [
    'State of traffic-events sync per stream and account.',
    {
      stream: 'Stream.',
      account_id: 'Account.',
      state: 'What its next run goes on from.',
      run_id: 'Run that saved it.',
      saved_at: 'When, in API time.',
    },
  ],
  _traffic_events_migrations: [
    'Migrations of these tables that have been applied.',
    { number: 'In their order.', name: 'What it is about.', applied_at: 'When, in API time.' },
  ],
};

function ledgerWords(): Words {
  return Object.fromEntries(
    Object.entries(LEDGER_SCHEMA.properties).map(([name, { description }]) => [name, description]),
  );
}

/** What tools show beside names. */
export const comments: Migration = {
  number: 6,
  name: 'comments',
  statements: (schema) =>
    Object.entries(TABLES).flatMap(([table, [words, columns]]) => {
      const name = `${schema}.${quote(table)}`;
      return [
        `COMMENT ON TABLE ${name} IS ${quoteLiteral(words)}`,
        ...Object.entries(columns).map(
          ([column, text]) => `COMMENT ON COLUMN ${name}.${quote(column)} IS ${quoteLiteral(text)}`,
        ),
      ];
    }),
};
