import type { Account } from '@traffic-events/client';
import type { Answers, AnsweredAccount } from './answers.ts';
import { leftOut } from './products.ts';

/** The JSON Schema that stands beside a configuration, for editors. */
export const SCHEMA_FILE = 'traffic-events.schema.json';

/** A commented traffic-events.yaml, with all that was answered. */
export function configTemplate(answers: Answers): string {
  const accounts = answers.accounts.map(({ account }) => account);
  return [
    HEAD,
    `# The first event date to fetch. The API answers for the last 30 days; what is older is gone.
start_date: '${answers.startDate}'
`,
    `# Whose events: DSP and ad server advertisers by advertiser_id, sponsored ads by entity_id.
# The same id in two marketplaces is two accounts. Event dates are UTC days unless an account has a
# time_zone of its own: decide before the first sync, for that choice is for good.
accounts:
${answers.accounts.map(accountEntry).join('')}`,
    streamsSection(accounts, [...answers.streams]),
    TAIL,
  ].join('\n');
}

function accountEntry({ account, currency }: AnsweredAccount, index: number): string {
  const id =
    account.kind === 'dsp'
      ? `advertiser_id: '${account.advertiserId}'`
      : `entity_id: ${account.entityId}`;
  const { timeZone = 'UTC' } = account;
  const lines = [
    ...optional('time_zone', timeZone === 'UTC' ? undefined : timeZone, 'Europe/Berlin', index),
    ...optional('currency', currency, `EUR${FOR_VIEWS}`, index),
  ];
  return `  - marketplace: ${account.marketplace}\n    ${id}\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

const FOR_VIEWS = ' # for the views of `traffic-events views`';

/** A key that was answered, or, once, in a comment what it could be. */
function optional(
  key: string,
  value: string | undefined,
  example: string,
  index: number,
): string[] {
  if (value !== undefined) return [`${key}: ${value}`];
  return index === 0 ? [`# ${key}: ${example}`] : [];
}

function streamsSection(accounts: readonly Account[], streams: string[]): string {
  const left = leftOut(accounts, streams);
  return `# What is extracted: what is listed is what runs. \`defaults\` are the daily tables of Amazon DSP and
# sponsored ads, by each account's kind. Names and definitions of your own may mix.
streams:
${streams.map((name) => `  - ${name}\n`).join('')}${left.length === 0 ? '' : LEFT_OUT}${left.map(({ name, description }) => `  # - ${name} # ${description}\n`).join('')}  # By UTC hour instead of by day: dsp_impressions_hourly and so on, see docs/tables.md.
  # - name: campaign_reach
  #   data_source: dsp_impressions
  #   dimensions: [campaign, campaign_id]
  #   metrics: [impressions]
  # By a query of one's own, see docs/streams.md:
  # - name: supply
  #   account_kind: dsp
  #   sql: SELECT supply_source, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY supply_source
  #   columns: { supply_source: STRING, impressions: LONG }
  #   keys: [supply_source]
`;
}

const LEFT_OUT =
  '  # Not collected; uncomment what is wanted, for the API forgets it after 30 days:\n';

const HEAD = `# yaml-language-server: $schema=./${SCHEMA_FILE}
# Configuration of \`traffic-events sync\`. \${NAME} stands for the environment variable NAME, or for what
# .env in the working folder says of it, so that no secret needs to stand here.

# Login with Amazon: the client of your security profile, and the refresh token of the consent with the
# day on which it ends, as \`traffic-events login\` keeps them. NAME_FILE may name a file that holds NAME.
credentials:
  client_id: \${AMAZON_ADS_CLIENT_ID}
  client_secret: \${AMAZON_ADS_CLIENT_SECRET}
  refresh_token: \${AMAZON_ADS_REFRESH_TOKEN}
  consent_ends: \${AMAZON_ADS_CONSENT_ENDS:-}
`;

const TAIL = `# daily asks for a date every day until nothing more can arrive for it; settled_only asks once, then.
# refresh: daily

# auto asks for what is due of a date by one query, as far as the account has shown that this is right.
# bundle: auto

# Keeps the raw result of every execution, so that \`traffic-events rebuild\` works without the API.
# archive: ./archive

# Keeps every request and answer of the API, without secrets, for a report.
# captures: ./captures

# Where the way to Amazon leads through a proxy; HTTPS_PROXY unless set.
# proxy: http://proxy.example.com:3128
# no_proxy: 127.0.0.1

# Limits, where other programs query the same accounts.
# max_active_executions: 3
# max_executions_per_day: 100

# How long a run waits for an API that does not answer; 5m unless set.
# max_outage: 2h

# The largest result that is downloaded, and the longest time that it may take; 10 GB and 2h unless set.
# max_download_bytes: 20000000000
# download_timeout: 4h

# Where the copy is kept. The database must exist; schema and tables are made.
warehouse: \${WAREHOUSE_URL} # postgres://loader:password@db.example.com:5432/marketing
schema: traffic_events

# Only to override what follows from the marketplace, e.g. for \`traffic-events simulate\`:
# api_url: http://127.0.0.1:8080
# token_url: http://127.0.0.1:8080/auth/o2/token
`;
