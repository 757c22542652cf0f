import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ConfigError, EXIT, stopOnSignals } from '@traffic-events/program';
import { SimulatedClock, simulatorSettingsSchema, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorSettingsInput } from '@traffic-events/simulator';
import { parse } from 'yaml';
import { z } from 'zod';

/** Options of the command. */
export interface SimulateArguments {
  readonly port: number;
  readonly account: readonly AccountArgument[];
  readonly events?: string;
  readonly days: number;
  readonly seed: string;
  readonly now?: string;
  readonly scale: number;
  readonly settings?: string;
}

export type AccountArgument = SimulatorSettingsInput['accounts'][number];

const DEFAULT_ACCOUNTS: readonly AccountArgument[] = [
  { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
  { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C4D5E' },
];

/** Serves the simulated API until a signal comes. */
export async function simulate(args: SimulateArguments): Promise<number> {
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
    accounts: accounts ?? DEFAULT_ACCOUNTS,
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
