import { constants, copyFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { consentUrl, isMarketplaceCode, marketplace } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { ConfigError, EXIT } from '@traffic-events/program';
import { Command, InvalidArgumentError } from 'commander';
import { EXAMPLE_CONFIG } from '../example-config.ts';
import { configOption } from './options.ts';

interface InitArguments {
  readonly config: string;
  readonly marketplace: MarketplaceCode;
  readonly clientId?: string;
  readonly redirectUrl?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events init
  $ traffic-events init --marketplace DE --client-id amzn1.application-oa2-client.1a2b \\
      --redirect-url https://example.com/callback      # also prints where to give consent

Decide about time_zone before the first sync: an account's event dates are UTC days unless it names a
zone, and the choice is for good.`;

export function initCommand(exit: (code: number) => void): Command {
  return new Command('init')
    .description('write a commented traffic-events.yaml to fill in')
    .addOption(configOption())
    .option(
      '--marketplace <code>',
      'where the user of the Ads account consents',
      parseMarketplace,
      'DE',
    )
    .option('--client-id <id>', 'prints the consent page of this Login with Amazon client')
    .option('--redirect-url <url>', 'allowed return URL of the same client')
    .addHelpText('after', EXAMPLES)
    .action((args: InitArguments) => exit(init(args)));
}

function parseMarketplace(code: string): MarketplaceCode {
  if (isMarketplaceCode(code)) return code;
  throw new InvalidArgumentError('Expected a marketplace code, such as DE or UK.');
}

function init(args: InitArguments): number {
  writeExample(args.config);
  process.stdout.write(`${args.config} is written. Next:
  1. fill in credentials, accounts and warehouse; secrets may come from the environment
  2. traffic-events check
  3. traffic-events sync, once a day from now on
${consentStep(args)}`);
  return EXIT.done;
}

/** Never over a file that is there already. */
function writeExample(path: string): void {
  try {
    copyFileSync(EXAMPLE_CONFIG, path, constants.COPYFILE_EXCL);
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const reason = exists ? 'is there already and is left as it is' : 'cannot be written';
    throw new ConfigError(`${path} ${reason}. Name another file with --config.`, { cause });
  }
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
