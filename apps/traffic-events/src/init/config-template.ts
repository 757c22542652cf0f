import type { Account, MarketplaceCode } from '@traffic-events/client';
import type { EventDate } from '@traffic-events/slice';
import { accountsFor, leftOut, streamsFor } from './products.ts';
import type { Product } from './products.ts';

export interface ConfigTemplate {
  readonly products: ReadonlySet<Product>;
  readonly marketplace: MarketplaceCode;
  readonly startDate: EventDate;
}

/** A commented traffic-events.yaml to fill in. */
export function configTemplate({ products, marketplace, startDate }: ConfigTemplate): string {
  const accounts = accountsFor(products, marketplace);
  return [
    HEAD,
    `# The first event date to fetch. The API answers for the last 30 days; what is older is gone.
start_date: '${startDate}'
`,
    `# Whose events: DSP and ad server advertisers by advertiser_id, sponsored ads by entity_id.
# The same id in two marketplaces is two accounts. Event dates are UTC days unless an account has a
# time_zone of its own: decide before the first sync, for that choice is for good.
accounts:
${accounts.map(accountEntry).join('')}`,
    streamsSection(accounts, streamsFor(products)),
    TAIL,
  ].join('\n');
}

function accountEntry(account: Account, index: number): string {
  const id =
    account.kind === 'dsp'
      ? `advertiser_id: '${account.advertiserId}'`
      : `entity_id: ${account.entityId}`;
  const more =
    index === 0
      ? '    # time_zone: Europe/Berlin\n    # currency: EUR # for the views of `traffic-events views`\n'
      : '';
  return `  - marketplace: ${account.marketplace}\n    ${id}\n${more}`;
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
`;
}

const LEFT_OUT =
  '  # Not collected; uncomment what is wanted, for the API forgets it after 30 days:\n';

const HEAD = `# Configuration of \`traffic-events sync\`. \${NAME} stands for the environment variable NAME, or for what
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

# Keeps the raw result of every execution, so that \`traffic-events rebuild\` works without the API.
# archive: ./archive

# Limits, where other programs query the same accounts.
# max_active_executions: 3
# max_executions_per_day: 100

# How long a run waits for an API that does not answer; 5m unless set.
# max_outage: 2h

# Where the copy is kept. The database must exist; schema and tables are made.
warehouse: \${WAREHOUSE_URL} # postgres://loader:password@db.example.com:5432/marketing
schema: traffic_events

# Only to override what follows from the marketplace, e.g. for \`traffic-events simulate\`:
# api_url: http://127.0.0.1:8080
# token_url: http://127.0.0.1:8080/auth/o2/token
`;
