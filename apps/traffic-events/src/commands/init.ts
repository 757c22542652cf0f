import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { clockFromEnvironment, consentUrl, marketplace } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { ConfigError, EXIT } from '@traffic-events/program';
import { addDays, eventDateAt } from '@traffic-events/slice';
import { Command, InvalidArgumentError } from 'commander';
import { askProducts } from '../init/ask-products.ts';
import { configTemplate } from '../init/config-template.ts';
import { accountsFor, DEFAULT_PRODUCTS, leftOut, PRODUCTS, streamsFor } from '../init/products.ts';
import type { Product } from '../init/products.ts';
import { writePrivate } from '../init/write-private.ts';
import { configOption } from './options.ts';
import { parseMarketplace } from '../init/parse-marketplace.ts';

interface InitArguments {
  readonly config: string;
  readonly marketplace: MarketplaceCode;
  readonly products?: ReadonlySet<Product>;
  readonly clientId?: string;
  readonly redirectUrl?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events init
  $ traffic-events init --products dsp,ad_server --marketplace US
  $ traffic-events init --marketplace DE --client-id amzn1.application-oa2-client.1a2b \\
      --redirect-url https://example.com/callback      # also prints where to give consent

Decide about time_zone before the first sync: an account's event dates are UTC days unless it names a
zone, and the choice is for good.`;

export function initCommand(exit: (code: number) => void): Command {
  return new Command('init')
    .description('write a commented traffic-events.yaml to fill in, and a .env for its secrets')
    .addOption(configOption())
    .option('--marketplace <code>', 'where the accounts are', parseMarketplace, 'DE')
    .option(
      '--products <list>',
      `what is used, of ${Object.keys(PRODUCTS).join(', ')}; asked for on a terminal, ${DEFAULT_PRODUCTS.join(',')} elsewhere`,
      parseProducts,
    )
    .option('--client-id <id>', 'prints the consent page of this Login with Amazon client')
    .option('--redirect-url <url>', 'allowed return URL of the same client')
    .addHelpText('after', EXAMPLES)
    .action(async (args: InitArguments) => exit(await init(args)));
}

function parseProducts(list: string): ReadonlySet<Product> {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(PRODUCTS, name));
  if (unknown === undefined) return new Set(names as Product[]);
  throw new InvalidArgumentError(`Expected some of ${Object.keys(PRODUCTS).join(', ')}.`);
}

async function init(args: InitArguments): Promise<number> {
  const products = args.products ?? (await productsUsed());
  // Of the 30 days that the API has, the first has begun to go.
  const startDate = addDays(eventDateAt(clockFromEnvironment(process.env).now()), -29);
  const text = configTemplate({ products, marketplace: args.marketplace, startDate });
  if (!writePrivate(args.config, text)) {
    throw new ConfigError(
      `${args.config} is there already and is left as it is. Name another file with --config.`,
    );
  }
  process.stdout.write(`${args.config} is written, readable for you alone. Next:
  1. fill in accounts and warehouse; ${secretsStep(args)}
  2. traffic-events check
  3. traffic-events sync, once a day from now on
${leftOutStep(products, args.marketplace)}${consentStep(args)}`);
  return EXIT.done;
}

async function productsUsed(): Promise<ReadonlySet<Product>> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  return isTerminal ? askProducts(process.stdin, process.stdout) : new Set(DEFAULT_PRODUCTS);
}

/** Beside the configuration: a working folder of its own is the best place for both. */
function secretsStep({ config, clientId = '' }: InitArguments): string {
  const path = join(dirname(config), '.env');
  const isWritten = writePrivate(
    path,
    `# Read by every program that runs in this folder. Keep it out of version control.
AMAZON_ADS_CLIENT_ID=${clientId}
AMAZON_ADS_CLIENT_SECRET=
AMAZON_ADS_REFRESH_TOKEN=
WAREHOUSE_URL=
`,
  );
  return isWritten
    ? `secrets belong into ${path}, or into the environment`
    : `secrets belong into the environment, or into ${path}, which is there already and is left as it is`;
}

function leftOutStep(products: ReadonlySet<Product>, home: MarketplaceCode): string {
  const left = leftOut(accountsFor(products, home), streamsFor(products));
  if (left.length === 0) return '';
  return `\nNot collected: ${left.map(({ name }) => name).join(', ')}. Uncomment them under streams if they are
wanted: the API forgets what they hold after 30 days.\n`;
}

function consentStep({ clientId, redirectUrl, marketplace: code }: InitArguments): string {
  if (clientId === undefined || redirectUrl === undefined) return '';
  const url = consentUrl({
    region: marketplace(code).region,
    clientId,
    redirectUri: redirectUrl,
    state: randomUUID(),
  });
  return `
A user of the Ads account gives consent at
  ${url}
and the browser comes back to ${redirectUrl} with a code; @traffic-events/client's exchangeCode turns it
into the refresh token. Consents given since July 2026 end after 365 days: note the day.
`;
}
