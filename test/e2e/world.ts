import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { addDays, datesBetween } from '@traffic-events/slice';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { stringify } from 'yaml';
import { run, runPipe } from './programs.ts';
import type { Ended, Kill, PipeEnded, PipeOptions } from './programs.ts';

export type WorldAccount = SimulatorOptions['accounts'][number];

/** At this speed an execution of a minute takes a tenth of a second. */
const TIME_SCALE = 600;
const EXECUTION_MS = 60_000;
const SCHEMA = 'traffic_events';

export interface WorldOptions {
  readonly accounts: readonly WorldAccount[];
  /** First event date, and how many there are. */
  readonly from: string;
  readonly days: number;
  readonly eventsPerDay?: number;
  /** Where the clock begins; API time. */
  readonly now: string;
  readonly simulator?: Partial<SimulatorOptions>;
}

/** A simulated API, databases, and our programs as processes of their own, all on one clock. */
export class World implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: SimulatedClock;
  readonly dates: readonly string[];
  readonly #options: WorldOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'traffic-events-e2e-'));
  readonly #databases: TestDatabase[] = [];

  private constructor(options: WorldOptions, simulator: Simulator) {
    this.simulator = simulator;
    this.clock = simulator.clock;
    this.dates = [...datesBetween(options.from, addDays(options.from, options.days - 1))];
    this.#options = options;
  }

  static async start(options: WorldOptions): Promise<World> {
    const clock = new SimulatedClock({ originMs: Date.parse(options.now), scale: TIME_SCALE });
    const simulator = await startSimulator({
      clock,
      accounts: [...options.accounts],
      events: {
        kind: 'generated',
        seed: 7,
        fromDate: options.from,
        days: options.days,
        eventsPerDay: options.eventsPerDay ?? 300,
      },
      executionDurationMs: EXECUTION_MS,
      ...options.simulator,
    });
    return new World(options, simulator);
  }

  async database(): Promise<TestDatabase> {
    const database = await createTestDatabase();
    this.#databases.push(database);
    await database.query(`SET search_path TO ${SCHEMA}`);
    return database;
  }

  /** `traffic-events sync`, in a process of its own. */
  sync(database: Pick<TestDatabase, 'url'>, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return run('traffic-events', ['sync', '--config', this.configFile(database)], {
      ...this.environment(),
      ...environment,
    });
  }

  /** What `traffic-events status --json` prints. */
  async status(database: Pick<TestDatabase, 'url'>): Promise<unknown> {
    const args = ['status', '--json', '--config', this.configFile(database)];
    return JSON.parse((await run('traffic-events', args, this.environment())).stdout);
  }

  /** `tap-traffic-events | target-postgres`, in processes of their own. */
  pipe(
    database: TestDatabase,
    options: { state?: string | undefined; kill?: Kill } = {},
  ): Promise<PipeEnded> {
    return this.pipeTo(
      { targetConfig: { url: database.url, default_target_schema: SCHEMA } },
      options,
    );
  }

  /** As `pipe`, into another target. */
  pipeTo(
    target: Pick<PipeOptions, 'targetProgram' | 'targetConfig'>,
    options: { state?: string | undefined; kill?: Kill } = {},
  ): Promise<PipeEnded> {
    return runPipe({
      directory: this.#directory,
      tapConfig: this.tapConfig(),
      environment: this.environment(),
      ...target,
      ...options,
    });
  }

  /** Writes a traffic-events.yaml for this world, with what `overrides` changes. */
  configFile(database: Pick<TestDatabase, 'url'>, overrides: object = {}): string {
    const { client_id, client_secret, refresh_token, ...rest } = this.tapConfig();
    const path = join(this.#directory, 'traffic-events.yaml');
    const credentials = { client_id, client_secret, refresh_token };
    writeFileSync(path, stringify({ credentials, ...rest, warehouse: database.url, ...overrides }));
    return path;
  }

  tapConfig() {
    const { credentials, url } = this.simulator;
    return {
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: credentials.refreshToken,
      start_date: this.#options.from,
      accounts: this.#options.accounts.map((account) =>
        account.kind === 'dsp'
          ? { marketplace: account.marketplace, advertiser_id: account.advertiserId }
          : { marketplace: account.marketplace, entity_id: account.entityId },
      ),
      api_url: url,
      token_url: `${url}/auth/o2/token`,
    };
  }

  /** The clock of this world, for a process that starts now. */
  environment(): NodeJS.ProcessEnv {
    const now = new Date(this.clock.now()).toISOString();
    return {
      TRAFFIC_EVENTS_NOW: `${now}@${new Date().toISOString()}`,
      TRAFFIC_EVENTS_TIME_SCALE: String(TIME_SCALE),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulator.close();
    for (const database of this.#databases) await database.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
