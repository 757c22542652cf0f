import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { clockOrigin } from '@traffic-events/client';
import type { ClockOrigin } from '@traffic-events/client';
import { ConfigError, EXIT, stopOnSignals } from '@traffic-events/program';
import { parseYaml, problemsOf } from '@traffic-events/program/extraction';
import { SimulatedClock, simulatorSettingsSchema, startSimulator } from '@traffic-events/simulator';
import type {
  Simulator,
  SimulatorSettings,
  SimulatorSettingsInput,
} from '@traffic-events/simulator';

/** Options of the command. */
export interface SimulateArguments {
  readonly port?: number;
  readonly account: readonly AccountArgument[];
  readonly events?: string;
  readonly days?: number;
  readonly seed?: string;
  readonly now?: string;
  readonly scale?: number;
  readonly settings?: string;
}

export type AccountArgument = SimulatorSettingsInput['accounts'][number];

const DEFAULT_ACCOUNTS: readonly AccountArgument[] = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
  { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C4D5E' },
];

/** Serves the simulated API until a signal comes. */
export async function simulate(
  args: SimulateArguments,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const clock = new SimulatedClock(clockOf(args, environment));
  using stopping = stopOnSignals();
  const simulator = await startSimulator({ ...simulatorSettings(args), clock });
  process.stdout.write(greeting(simulator));
  await once(stopping.signal, 'abort');
  await simulator.close();
  return EXIT.done;
}

/** The options over what the environment says of time, as every program has it. */
function clockOf({ now, scale }: SimulateArguments, environment: NodeJS.ProcessEnv): ClockOrigin {
  const origin = clockOrigin(environment);
  return {
    ...origin,
    ...(now === undefined ? {} : { originMs: instantMs(now), wallOriginMs: Date.now() }),
    ...(scale === undefined ? {} : { scale }),
  };
}

function instantMs(now: string): number {
  const found = Date.parse(now);
  if (!Number.isNaN(found)) return found;
  throw new ConfigError(
    `--now: expected an instant such as 2026-01-31T06:00:00Z, got ${JSON.stringify(now)}`,
  );
}

const DEFAULT_PORT = 8080;

/** The settings of the file with what the options say in their place; ConfigError names what is wrong. */
export function simulatorSettings(args: SimulateArguments): SimulatorSettings {
  const file = args.settings === undefined ? {} : readSettings(args.settings);
  const { port, account } = args;
  const values = {
    accounts: DEFAULT_ACCOUNTS,
    port: DEFAULT_PORT,
    ...file,
    ...(port === undefined ? {} : { port }),
    ...(account.length === 0 ? {} : { accounts: account }),
    ...eventsOf(args, file),
  };
  const settings = simulatorSettingsSchema.safeParse(values, { reportInput: true });
  if (settings.success) return settings.data;
  const where = args.settings === undefined ? 'simulate' : `--settings ${args.settings}`;
  const problems = problemsOf(settings.error, { secrets: ['credentials'] });
  throw new ConfigError(problems.map((problem) => `${where}: ${problem}`).join('\n'));
}

/** A file of events takes the place of all; days and seed are those of generated ones. */
function eventsOf({ events, days, seed }: SimulateArguments, file: SettingsFile): SettingsFile {
  if (events !== undefined) return { events: { kind: 'file', path: events } };
  if (days === undefined && seed === undefined) return {};
  const { events: given } = file as { events?: { kind?: string } };
  return {
    events: {
      ...(given?.kind === 'generated' ? given : { kind: 'generated' }),
      ...(days === undefined ? {} : { days }),
      ...(seed === undefined ? {} : { seed }),
    },
  };
}

type SettingsFile = Readonly<Record<string, unknown>>;

function readSettings(path: string): SettingsFile {
  const value = parseYaml(readText(path), `--settings ${path}`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as SettingsFile;
  }
  throw new ConfigError(
    `--settings ${path}: expected an object of settings, see docs/simulator.md`,
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`--settings ${path}: cannot be read`, { cause });
  }
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
