import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SimulatedClock, simulatorSettingsSchema, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorSettingsInput } from '@traffic-events/simulator';
import { isMarketplaceCode } from '@traffic-events/client';
import { EXIT } from '@traffic-events/program';
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '../config-error.ts';
import { stopOnSignals } from '@traffic-events/program';

interface SimulateArguments {
  readonly port: number;
  readonly account: readonly AccountArgument[];
  readonly events?: string;
  readonly days: number;
  readonly seed: string;
  readonly now?: string;
  readonly scale: number;
  readonly settings?: string;
}

type AccountArgument = SimulatorSettingsInput['accounts'][number];

const DEFAULT_ACCOUNTS = ['DE:dsp:590122334455667788', 'UK:entity:ENTITY1A2B3C4D5E'];

const EXAMPLES = `
Examples:
  $ traffic-events simulate --port 8080
  $ traffic-events simulate --account DE:dsp:1234 --account UK:entity:ENTITY1 --days 60
  $ traffic-events simulate --now 2026-01-31T06:00:00Z --scale 60     # an hour a minute
  $ traffic-events simulate --settings simulator.yaml                # every switch: docs/simulator.md

From any language, with curl (PORT as printed):
  $ curl -s localhost:PORT/                                          # accounts, executions, clock, faults
  $ TOKEN=$(curl -s localhost:PORT/auth/o2/token -d grant_type=refresh_token \\
      -d client_id=amzn1.application-oa2-client.simulator -d client_secret=simulator-secret \\
      -d 'refresh_token=Atzr|simulator-refresh-token' | jq -r .access_token)
  $ curl -s localhost:PORT/avc/workflowexecutions -H "Authorization: Bearer $TOKEN" \\
      -H 'Amazon-Advertising-API-ClientId: amzn1.application-oa2-client.simulator' \\
      -H 'Amazon-Advertising-API-MarketplaceId: A1PA6795UKMFR9' \\
      -H 'Amazon-Advertising-Advertiser-Id: 590122334455667788' -H 'Content-Type: application/json' \\
      -d '{"workflow": {"sqlQuery": "SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign"},
           "timeWindow": {"type": "MOST_RECENT_DAY"}}'
  $ curl -s localhost:PORT/_simulator/clock -d '{"advance_seconds": 900}' -H 'Content-Type: application/json'
  $ curl -s 'localhost:PORT/_simulator/truth?account=DE:dsp:590122334455667788&data_source=dsp_impressions'`;

export function simulateCommand(exit: (code: number) => void): Command {
  return new Command('simulate')
    .description('serve the traffic events API on this machine, until Ctrl-C')
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', Number, 8080)
    .option('--account <key>', 'account with events of its own; repeatable', collectAccount, [])
    .option('--events <file>', 'real events (CSV or CSV.gz) instead of generated ones')
    .option('--days <days>', 'event dates to generate, up to the day before --now', Number, 45)
    .option('--seed <seed>', 'of the generated events', '1')
    .option('--now <instant>', 'where the simulated clock begins; the present by default')
    .option('--scale <factor>', 'speed of the simulated clock', Number, 1)
    .option(
      '--settings <file>',
      'a YAML or JSON file of simulator settings, which these options override',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: SimulateArguments) => exit(await runSimulate(args)));
}

function collectAccount(key: string, previous: readonly AccountArgument[]): AccountArgument[] {
  const [marketplace, kind, id, ...rest] = key.split(':');
  if (marketplace === undefined || !isMarketplaceCode(marketplace) || !id || rest.length > 0) {
    throw new InvalidArgumentError('Expected DE:dsp:1234 or UK:entity:ENTITY1.');
  }
  if (kind === 'dsp') return [...previous, { kind: 'dsp', marketplace, advertiserId: id }];
  if (kind === 'entity') return [...previous, { kind: 'sponsored_ads', marketplace, entityId: id }];
  throw new InvalidArgumentError('Expected dsp or entity between the colons.');
}

async function runSimulate(args: SimulateArguments): Promise<number> {
  const clock = new SimulatedClock({ originMs: originMs(args.now), scale: args.scale });
  using stopping = stopOnSignals();
  const simulator = await startSimulator({ ...settingsOf(args), clock });
  process.stdout.write(greeting(simulator));
  await once(stopping.signal, 'abort');
  await simulator.close();
  return EXIT.done;
}

function originMs(now: string | undefined): number {
  if (now === undefined) return Date.now();
  const instantMs = Date.parse(now);
  if (!Number.isNaN(instantMs)) return instantMs;
  throw new ConfigError(
    `--now: expected an instant such as 2026-01-31T06:00:00Z, got ${JSON.stringify(now)}`,
  );
}

function settingsOf(args: SimulateArguments): SimulatorSettingsInput {
  const file = args.settings === undefined ? {} : readSettings(args.settings);
  const accounts = args.account.length > 0 ? args.account : undefined;
  const settings = simulatorSettingsSchema.safeParse({
    events: eventsOf(args),
    accounts:
      accounts ??
      DEFAULT_ACCOUNTS.reduce<AccountArgument[]>((all, key) => collectAccount(key, all), []),
    ...file,
    ...(accounts === undefined ? {} : { accounts }),
    port: args.port,
  });
  if (settings.success) return settings.data;
  throw new ConfigError(`${args.settings ?? 'simulate'}: ${z.prettifyError(settings.error)}`);
}

function eventsOf({ events, days, seed }: SimulateArguments) {
  return events === undefined ? { kind: 'generated', days, seed } : { kind: 'file', path: events };
}

function readSettings(path: string): object {
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new ConfigError(`--settings ${path}: cannot be read`, { cause });
  }
  throw new ConfigError(
    `--settings ${path}: expected an object of settings, see docs/simulator.md`,
  );
}

function greeting({ url, credentials }: Simulator): string {
  return `The traffic events API is simulated at ${url}
  overview       ${url}/
  api_url        ${url}
  token_url      ${url}/auth/o2/token
  client_id      ${credentials.clientId}
  client_secret  ${credentials.clientSecret}
  refresh_token  ${credentials.refreshToken}
Ctrl-C stops it.
`;
}
