import { existsSync } from 'node:fs';
import { clockFromEnvironment } from '@traffic-events/client';
import type { Account, MarketplaceCode } from '@traffic-events/client';
import { ConfigError, EXIT, parseEventDate, stopOnSignals } from '@traffic-events/program';
import { addDays, eventDateAt } from '@traffic-events/slice';
import { isWarehouseUrl, WAREHOUSE_EXPECTED } from '@traffic-events/warehouse';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { AnsweredAccount, Answers } from '../init/answers.ts';
import { askAnswers } from '../init/ask-answers.ts';
import type { Given } from '../init/ask-answers.ts';
import { parseAccount, parseCurrency, parseTimeZone } from '../init/parse-account.ts';
import { parseMarketplace } from '../init/parse-marketplace.ts';
import { accountsFor, DEFAULT_PRODUCTS, leftOut, PRODUCTS, streamsFor } from '../init/products.ts';
import type { Product } from '../init/products.ts';
import { writeFiles } from '../init/write-files.ts';
import type { WrittenFiles } from '../init/write-files.ts';
import { terminalPrompts } from '../prompts.ts';
import type { Prompts } from '../prompts.ts';
import { runCheck } from './check.ts';
import { DEFAULT_REDIRECT_URL, DEFAULT_WAIT_MS, loginAndStore } from './login.ts';
import { configOption } from './options.ts';
import { writeText } from '../wrapped-text.ts';

interface InitArguments {
  readonly config: string;
  readonly marketplace: readonly MarketplaceCode[];
  readonly products?: ReadonlySet<Product>;
  readonly account: readonly AnsweredAccount[];
  readonly timeZone?: string;
  readonly currency?: string;
  readonly startDate?: string;
  readonly streams?: readonly string[];
  readonly warehouse?: string;
  readonly clientId?: string;
  readonly redirectUrl: string;
  readonly login: boolean;
  readonly ask: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events init
  $ traffic-events init --products dsp,ad_server --marketplace US
  $ traffic-events init --account DE:dsp:590122334455667788=EUR --account UK:entity:ENTITY1A2B3C4D5E \\
      --time-zone Europe/Berlin --start-date 2026-01-01 --warehouse bigquery://project/dataset
  $ traffic-events init --marketplace DE --client-id amzn1.application-oa2-client.1a2b --login

On a terminal it asks for what no option says, then offers the consent and a check. Decide about
time zones before the first sync: an account's event dates are UTC days unless it has a zone, and the
choice is for good.`;

export function initCommand(exit: (code: number) => void): Command {
  return new Command('init')
    .description('write a commented traffic-events.yaml, its schema, and a .env for its secrets')
    .addOption(configOption())
    .option('--marketplace <codes>', 'where the accounts are, such as DE,UK', parseMarketplaces, [])
    .option(
      '--products <list>',
      `what is used, of ${Object.keys(PRODUCTS).join(', ')}; ${DEFAULT_PRODUCTS.join(',')} unless asked for`,
      parseProducts,
    )
    .option(
      '--account <account>',
      'DE:dsp:1234 or UK:entity:ENTITY1, with @ZONE and =CURRENCY if wanted; repeatable',
      (text: string, before: readonly AnsweredAccount[]) => [...before, parseAccount(text)],
      [],
    )
    .option('--time-zone <zone>', 'of accounts that name none; for good', parseTimeZone)
    .option('--currency <code>', 'of accounts that name none', parseCurrency)
    .option('--start-date <date>', 'first event date; 29 days ago unless given', parseEventDate)
    .option('--streams <list>', 'what is extracted; what the products need unless given', parseList)
    .option('--warehouse <url>', 'kept in .env; without a password it may be seen', parseWarehouse)
    .option('--client-id <id>', 'of the Login with Amazon security profile; kept in .env')
    .option('--redirect-url <url>', 'of the consent, as for login', DEFAULT_REDIRECT_URL)
    .option('--login', 'ask for the consent as well, as login does', false)
    .addOption(new Option('--no-ask', 'ask nothing, also on a terminal'))
    .addHelpText('after', EXAMPLES)
    .action(async (args: InitArguments) => exit(await runInit(args)));
}

function parseMarketplaces(
  text: string,
  before: readonly MarketplaceCode[],
): readonly MarketplaceCode[] {
  return [...before, ...parseList(text).map(parseMarketplace)];
}

function parseList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function parseProducts(list: string): ReadonlySet<Product> {
  const names = parseList(list);
  const unknown = names.find((name) => !Object.hasOwn(PRODUCTS, name));
  if (unknown === undefined && names.length > 0) return new Set(names as Product[]);
  throw new InvalidArgumentError(`Expected some of ${Object.keys(PRODUCTS).join(', ')}.`);
}

function parseWarehouse(url: string): string {
  if (isWarehouseUrl(url)) return url;
  throw new InvalidArgumentError(`${WAREHOUSE_EXPECTED}.`);
}

async function runInit(args: InitArguments): Promise<number> {
  using stopping = stopOnSignals();
  if (existsSync(args.config)) {
    throw new ConfigError(
      `${args.config} is there already and is left as it is. Name another file with --config.`,
    );
  }
  const prompts = args.ask ? terminalPrompts(stopping.signal) : undefined;
  try {
    return await init(args, prompts, stopping.signal);
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    return stopping.exitCode;
  }
}

async function init(
  args: InitArguments,
  prompts: Prompts | undefined,
  signal: AbortSignal,
): Promise<number> {
  const answers = await answersOf(args, prompts);
  const files = writeFiles(args.config, answers);
  writeText(nextSteps(args.config, answers, files));
  const wantsLogin =
    args.login || ((await prompts?.yes('Ask for the consent now, as login does?')) ?? false);
  if (wantsLogin) await loginAndStore({ ...args, wait: DEFAULT_WAIT_MS }, prompts, signal);
  if ((await prompts?.yes('Check everything now?')) !== true) return EXIT.done;
  return runCheck({ config: args.config, logFormat: 'text', json: false, create: true });
}

async function answersOf(args: InitArguments, prompts: Prompts | undefined): Promise<Answers> {
  // Of the 30 days that the API has, the first has begun to go.
  const defaultStartDate = addDays(eventDateAt(clockFromEnvironment(process.env).now()), -29);
  const { streams, startDate, warehouse: warehouseUrl, clientId } = args;
  const accounts = args.account.length === 0 ? undefined : withDefaults(args.account, args);
  const products = args.products ?? (accounts && productsOf(accounts));
  const given = { accounts, products, streams, startDate, warehouseUrl, clientId };
  return prompts === undefined
    ? withoutAsking({ ...given, defaultStartDate }, args)
    : askAnswers(prompts, { ...given, defaultStartDate, marketplaces: args.marketplace });
}

function withoutAsking(
  given: Omit<Given, 'marketplaces'>,
  args: Pick<InitArguments, 'marketplace' | 'timeZone' | 'currency'>,
): Answers {
  const { products = new Set(DEFAULT_PRODUCTS), accounts, defaultStartDate } = given;
  const homes: readonly MarketplaceCode[] = args.marketplace.length > 0 ? args.marketplace : ['DE'];
  const examples = homes.flatMap((home) => accountsFor(products, home));
  const { streams = streamsFor(products), startDate = defaultStartDate } = given;
  return {
    accounts:
      accounts ??
      withDefaults(
        examples.map((account) => ({ account })),
        args,
      ),
    areExamples: accounts === undefined,
    streams,
    startDate,
    warehouseUrl: given.warehouseUrl,
    clientId: given.clientId,
  };
}

function withDefaults(
  accounts: readonly AnsweredAccount[],
  { timeZone, currency }: Pick<InitArguments, 'timeZone' | 'currency'>,
): readonly AnsweredAccount[] {
  return accounts.map(({ account, currency: own }) => ({
    account: { ...(timeZone === undefined ? {} : { timeZone }), ...account },
    currency: own ?? currency,
  }));
}

/** What accounts of their kinds can be asked for. */
function productsOf(accounts: readonly AnsweredAccount[]): ReadonlySet<Product> {
  const kinds = new Set(accounts.map(({ account }) => account.kind));
  return new Set(DEFAULT_PRODUCTS.filter((product) => kinds.has(product as Account['kind'])));
}

function nextSteps(config: string, answers: Answers, files: WrittenFiles): string {
  const { accounts, areExamples, streams, warehouseUrl } = answers;
  const missing = [
    ...(areExamples ? [`the accounts, in ${config}`] : []),
    ...(warehouseUrl === undefined ? ['WAREHOUSE_URL'] : []),
  ];
  const steps = [
    ...(missing.length === 0 ? [] : [`fill in ${missing.join(' and ')}`]),
    'traffic-events login, for the consent',
    'traffic-events check',
    'traffic-events sync, once a day from now on',
  ];
  const where = files.hadEnv
    ? `${files.env}, which was there already and keeps what else it has`
    : files.env;
  return `${config} is written, readable for you alone, with its schema beside it. Secrets belong into ${where}, or into the environment. Next:
${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}${leftOutStep(accounts, streams)}`;
}

function leftOutStep(accounts: readonly AnsweredAccount[], streams: readonly string[]): string {
  const left = leftOut(
    accounts.map(({ account }) => account),
    streams,
  );
  if (left.length === 0) return '';
  const names = left.map(({ name }) => name).join(', ');
  return `\n\nNot collected: ${names}. Uncomment them under streams if they are wanted: the API forgets what they hold after 30 days.`;
}
