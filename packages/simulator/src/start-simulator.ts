import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { keyOfAccount, SimulatedAccount } from './accounts/account.ts';
import { Accounts } from './accounts/accounts.ts';
import { SimulatedClock } from './clock/simulated-clock.ts';
import { truth } from './control/truth.ts';
import type { TruthRow } from './control/truth.ts';
import { Database } from './database/database.ts';
import { loadEvents } from './events/load-events.ts';
import { EventTables } from './events/event-tables.ts';
import { Executions } from './executions/executions.ts';
import { QueryRunner } from './executions/query-runner.ts';
import type { QueryMeasurements } from './executions/query-runner.ts';
import { Faults } from './faults/faults.ts';
import { planOf } from './faults/make-fault-plan.ts';
import { RequestMeter } from './http/request-measurements.ts';
import type { RequestMeasurements } from './http/request-measurements.ts';
import { createServer } from './http/server.ts';
import { SignedUrls } from './http/signed-urls.ts';
import { Tokens } from './http/tokens.ts';
import { readCapturedPairs } from './replay/captured-pair.ts';
import { Recording } from './replay/recording.ts';
import { behaviourSchema, overridesIn } from './settings/behaviour.ts';
import { simulatorSettingsSchema } from './settings/settings.ts';
import type {
  Credentials,
  SimulatorSettings,
  SimulatorSettingsInput,
} from './settings/settings.ts';
import { SimulatorSettingsError } from './settings/simulator-settings-error.ts';
import { Switches } from './settings/switches.ts';
import type { Simulation } from './simulation.ts';

/**
 * Settings of the simulator, and the clock that it runs on. Default: real time, from now or from the
 * first captured request.
 */
export type SimulatorOptions = SimulatorSettingsInput & { readonly clock?: SimulatedClock };

export interface TruthOptions {
  /** Key of the account, `DE:dsp:1234`, with `@Europe/Berlin` for event dates in a zone. */
  readonly account: string;
  readonly dataSource: Parameters<typeof truth>[1]['dataSource'];
  readonly from: string;
  readonly to: string;
  /** Default: the clock's time. */
  readonly asOfMs?: number;
  /** Dimensions of the data source to tell apart; a row is a whole date without one. */
  readonly by?: readonly string[];
}

export interface Simulator {
  /** Base of the API, and of the token endpoint `/auth/o2/token`. */
  readonly url: string;
  readonly clock: SimulatedClock;
  readonly credentials: Credentials;
  readonly measurements: {
    readonly queries: QueryMeasurements;
    readonly requests: RequestMeasurements;
  };
  /** The real totals by event date, as GET /_simulator/truth answers them. */
  truth(options: TruthOptions): Promise<TruthRow[]>;
  /** Ends what is under way; may be called again. */
  close(): Promise<void>;
}

/** Starts the traffic events API on this machine. Throws SimulatorSettingsError for settings that are wrong. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock: givenClock, ...input } = options;
  const settings = parseSettings(input);
  const recording =
    settings.replay && new Recording(await readCapturedPairs(settings.replay.directory));
  const originMs = recording?.firstSentMs ?? Date.now();
  const clock = givenClock ?? new SimulatedClock({ originMs });
  const database = await Database.open();
  try {
    const closing = new AbortController();
    const simulation = await createSimulation({ settings, clock, database, closing });
    const server = createServer(simulation, recording);
    await listen(server, settings);
    const { port } = server.server.address() as AddressInfo;
    const close = async () => {
      closing.abort();
      await server.close();
      await database.close();
    };
    let closed: Promise<void> | undefined;
    return simulatorOf(
      simulation,
      `http://${settings.host}:${port}`,
      async () => (closed ??= close()),
    );
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function listen(
  server: FastifyInstance,
  { host, port }: Pick<SimulatorSettings, 'host' | 'port'>,
): Promise<void> {
  await server.listen({ port, host }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    const message = `port: ${port} on ${host} is in use; choose another, or 0 for any that is free`;
    throw new SimulatorSettingsError(message, { cause });
  });
}

function parseSettings(input: SimulatorSettingsInput): SimulatorSettings {
  const parsed = simulatorSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new SimulatorSettingsError(
    `The simulator's settings are wrong:\n${z.prettifyError(parsed.error)}`,
  );
}

async function createSimulation(parts: {
  settings: SimulatorSettings;
  clock: SimulatedClock;
  database: Database;
  closing: AbortController;
}): Promise<Simulation> {
  const { settings, clock, database, closing } = parts;
  const now = () => clock.now();
  const switches = new Switches(behaviourSchema.parse(overridesIn(settings)));
  const accounts = await createAccounts(settings, clock, database);
  const runner = new QueryRunner(database);
  return {
    settings,
    switches,
    clock,
    database,
    runner,
    accounts: new Accounts(accounts, switches),
    executions: new Executions({
      runner,
      now,
    }),
    tokens: new Tokens({
      credentials: settings.credentials,
      now,
      behaviour: () => switches.current,
    }),
    signedUrls: new SignedUrls(now),
    faults: new Faults(planOf(settings.faults)),
    meter: new RequestMeter(),
    closing: closing.signal,
  };
}

async function createAccounts(
  settings: SimulatorSettings,
  clock: SimulatedClock,
  database: Database,
): Promise<SimulatedAccount[]> {
  const sets = await loadEvents(settings, { database, nowMs: clock.now() });
  const accounts: SimulatedAccount[] = [];
  for (const [index, account] of settings.accounts.entries()) {
    const id = account.kind === 'dsp' ? account.advertiserId : account.entityId;
    const tables = new EventTables({
      database,
      name: `account${index}`,
      owner:
        account.kind === 'dsp'
          ? { advertiserId: id, entityId: `ENTITY${id}` }
          : { advertiserId: '0', entityId: id },
      events: () => sets(keyOfAccount(account)),
      timeZone: account.timeZone,
    });
    const behaviour = behaviourSchema.parse({ ...overridesIn(settings), ...overridesIn(account) });
    accounts.push(new SimulatedAccount({ settings: account, behaviour, tables }));
  }
  return accounts;
}

function simulatorOf(simulation: Simulation, url: string, close: () => Promise<void>): Simulator {
  const { clock, settings, accounts, database, runner, meter } = simulation;
  return {
    url,
    clock,
    credentials: settings.credentials,
    get measurements() {
      return { queries: runner.measurements, requests: meter.measurements };
    },
    truth: async ({ account: name, asOfMs = clock.now(), ...question }) => {
      const [key = '', timeZone = 'UTC'] = name.split('@');
      const account = accounts.byKey(key);
      if (account === undefined)
        throw new SimulatorSettingsError(`The simulator has no account ${name}`);
      return truth(database, { ...question, account, asOfMs, timeZone });
    },
    close,
  };
}
