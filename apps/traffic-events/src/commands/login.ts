import { clockFromEnvironment } from '@traffic-events/client';
import type { Region } from '@traffic-events/client';
import { ConfigError, EXIT, parseDurationMs, stopOnSignals } from '@traffic-events/program';
import { Command, Option } from 'commander';
import { login } from '../login/login.ts';
import { readLoginSettings } from '../login/login-settings.ts';
import { STORES, storeConsent } from '../login/store-consent.ts';
import type { GivenConsent, Store, StorePlace } from '../login/store-consent.ts';
import { parseRedirectUrl } from '../login/redirect-url.ts';
import { terminalPrompts } from '../prompts.ts';
import type { Prompts } from '../prompts.ts';
import { configOption } from './options.ts';
import { writeText } from '../wrapped-text.ts';

export interface LoginArguments {
  readonly config: string;
  readonly region?: Region;
  readonly clientId?: string;
  readonly redirectUrl: string;
  readonly code?: string;
  readonly store?: Store;
  readonly file?: string;
  readonly wait: number;
}

const EXAMPLES = `
Examples:
  $ traffic-events login                                   # asks on a terminal
  $ traffic-events login --region EU --redirect-url http://localhost:8765/callback --store dotenv
  $ traffic-events login --store file --file /etc/traffic-events/refresh-token
  $ traffic-events login --store env >> /etc/traffic-events/environment

The redirect URL must be one of the Allowed Return URLs of the security profile, exactly. With
http://localhost the browser comes back to this command by itself; with any other, paste the address
that it ends at. Client id and secret are those of the configuration, or of AMAZON_ADS_CLIENT_ID and
AMAZON_ADS_CLIENT_SECRET; on a terminal what is missing is asked for.`;

export const DEFAULT_REDIRECT_URL = 'http://localhost:8765/callback';
export const DEFAULT_WAIT_MS = 10 * 60_000;

export function loginCommand(exit: (code: number) => void): Command {
  return new Command('login')
    .description('ask for the consent of a user of the Ads account, and keep its refresh token')
    .addOption(configOption())
    .addOption(
      new Option('--region <region>', 'of the accounts; of the first of them unless given').choices(
        ['NA', 'EU', 'FE'],
      ),
    )
    .option('--client-id <id>', 'of the Login with Amazon security profile')
    .option(
      '--redirect-url <url>',
      'where the browser comes back to',
      parseRedirectUrl,
      DEFAULT_REDIRECT_URL,
    )
    .option('--code <code>', 'the address that the browser ended at, or its code, if it has come')
    .addOption(
      new Option(
        '--store <place>',
        'env: print environment lines; dotenv: .env beside the configuration, mode 600, unless given; file: a file of its own',
      ).choices(STORES),
    )
    .option('--file <path>', 'of --store file')
    .addOption(
      new Option('--wait <time>', 'longest wait for the consent')
        .argParser(parseDurationMs)
        .default(DEFAULT_WAIT_MS, '10m'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: LoginArguments) => exit(await runLogin(args)));
}

async function runLogin(args: LoginArguments): Promise<number> {
  using stopping = stopOnSignals();
  try {
    await loginAndStore(args, terminalPrompts(stopping.signal), stopping.signal);
    return EXIT.done;
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    return stopping.exitCode;
  }
}

/** The consent and the keeping of it, as `login` and `init` ask for it. */
export async function loginAndStore(
  args: LoginArguments,
  prompts: Prompts | undefined,
  signal: AbortSignal,
): Promise<void> {
  const settings = readLoginSettings(args.config, process.env);
  const place = await placeOf(args, prompts);
  const consent = await login({
    settings,
    region: args.region,
    clientId: args.clientId,
    redirectUrl: args.redirectUrl,
    code: args.code,
    waitMs: args.wait,
    prompts,
    clock: clockFromEnvironment(process.env),
    signal,
    say: (text) => writeText(text, process.stderr),
  });
  const end = settings.endVariable ?? 'AMAZON_ADS_CONSENT_ENDS';
  const stored = storeConsent(consent, { token: settings.tokenVariable, end }, place);
  if (stored.lines.length > 0) process.stdout.write(`${stored.lines.join('\n')}\n`);
  writeText([stored.what, ...endOf(consent, settings.endVariable)].join('\n'), process.stderr);
}

async function placeOf(
  { config, store, file }: LoginArguments,
  prompts: Prompts | undefined,
): Promise<StorePlace> {
  if (file !== undefined) return { config, store: 'file', file };
  if (store === 'file') {
    throw new ConfigError('--store file: expected the file by --file, got none.');
  }
  if (store !== undefined) return { config, store };
  if (prompts === undefined) return { config, store: 'dotenv' };
  const chosen = await prompts.one<Store>('Where is the refresh token to be kept?', [
    { value: 'dotenv', name: 'in .env beside the configuration, readable for you alone' },
    { value: 'file', name: 'in a file of its own, readable for you alone' },
    { value: 'env', name: 'nowhere: print the line for an environment or a secret store' },
  ]);
  if (chosen !== 'file') return { config, store: chosen };
  return { config, store: chosen, file: await prompts.text({ message: 'Which file?' }) };
}

function endOf({ ends }: GivenConsent, endVariable: string | undefined): string[] {
  if (ends === undefined) return ['The consent does not end by itself.'];
  const warned = `The consent ends on ${ends}; check and status warn of it from 30 days before.`;
  if (endVariable !== undefined) return [warned];
  return [
    warned,
    'Let the configuration have it: credentials: {consent_ends: ${AMAZON_ADS_CONSENT_ENDS:-}}',
  ];
}
