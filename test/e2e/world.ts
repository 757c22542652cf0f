import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { addDays, datesBetween } from '@traffic-events/slice';
import { stringify } from 'yaml';
import type { Stream } from './streams.ts';
import { openPostgres } from './postgres-under-test.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run, runPipe } from './programs.ts';
import type { Ended, Kill, KillMoment, PipeEnded } from './programs.ts';
import type { WarehouseKind, WarehouseUnderTest } from './warehouse-kind.ts';

export type WorldAccount = SimulatorOptions['accounts'][number];

/** At this speed an execution of a minute takes a tenth of a second. */
const TIME_SCALE = 600;
const EXECUTION_MS = 60_000;

export interface WorldOptions {
  readonly accounts: readonly WorldAccount[];
  /** First event date, and how many there are. */
  readonly from: string;
  readonly days: number;
  readonly eventsPerDay?: number;
  /** Draws the events. */
  readonly seed?: number;
  /** The streams that are extracted; all default ones of the accounts unless given. */
  readonly streams?: readonly Stream[];
  /** Where the clock begins; API time. */
  readonly now: string;
  /** How much faster than this machine's its time passes; fast unless given. */
  readonly timeScale?: number;
  readonly simulator?: Partial<SimulatorOptions>;
  /** Where the programs are, and what they find around them; the workspace's unless given. */
  readonly installation?: Installation;
}

/** Programs as an installation has laid them down. */
export interface Installation {
  /** Folder of the commands. */
  readonly bin: string;
  readonly environment: NodeJS.ProcessEnv;
}

interface Catalog {
  readonly streams: readonly {
    readonly stream: string;
    readonly metadata: readonly { breadcrumb: string[]; metadata: { selected?: boolean } }[];
  }[];
}

type WarehouseUrl = Pick<WarehouseUnderTest, 'url'>;

/** A simulated API, warehouses, and our programs as processes of their own, all on one clock. */
export class World implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: SimulatedClock;
  readonly dates: readonly string[];
  readonly #options: WorldOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'traffic-events-e2e-'));
  readonly #warehouses: WarehouseUnderTest[] = [];
  #catalogFile: string | undefined;

  private constructor(options: WorldOptions, simulator: Simulator) {
    this.simulator = simulator;
    this.clock = simulator.clock;
    this.dates = [...datesBetween(options.from, addDays(options.from, options.days - 1))];
    this.#options = options;
  }

  static async start(options: WorldOptions): Promise<World> {
    const clock = new SimulatedClock({
      originMs: Date.parse(options.now),
      scale: options.timeScale ?? TIME_SCALE,
    });
    const simulator = await startSimulator({
      clock,
      accounts: [...options.accounts],
      events: {
        kind: 'generated',
        seed: options.seed ?? 7,
        fromDate: options.from,
        days: options.days,
        eventsPerDay: options.eventsPerDay ?? 300,
      },
      executionDurationMs: EXECUTION_MS,
      ...options.simulator,
    });
    return new World(options, simulator);
  }

  /** An empty warehouse; it goes with this world. */
  async warehouse(kind: WarehouseKind): Promise<WarehouseUnderTest> {
    const warehouse = await kind.openEmpty();
    this.#warehouses.push(warehouse);
    return warehouse;
  }

  /** An empty PostgreSQL, for what is the same whatever the warehouse. */
  async database(): Promise<PostgresUnderTest> {
    const database = await openPostgres();
    this.#warehouses.push(database);
    return database;
  }

  /** `traffic-events sync`, in a process of its own. */
  sync(warehouse: WarehouseUrl, kill?: KillMoment): Promise<Ended> {
    const args = ['sync', '--config', this.configFile(warehouse)];
    return this.#run('traffic-events', args, kill);
  }

  /** What `traffic-events status --json` prints. */
  async status(warehouse: WarehouseUrl): Promise<unknown> {
    const args = ['status', '--json', '--config', this.configFile(warehouse)];
    return JSON.parse((await this.#run('traffic-events', args)).stdout);
  }

  /** `tap-traffic-events | target-…`, in processes of their own. */
  async pipe(
    { target }: Pick<WarehouseUnderTest, 'target'>,
    options: { state?: string | undefined; kill?: Kill | undefined } = {},
  ): Promise<PipeEnded> {
    const catalog = this.#options.streams === undefined ? undefined : await this.#catalog();
    return runPipe({
      directory: this.#directory,
      bin: this.#options.installation?.bin,
      tapConfig: this.tapConfig(),
      environment: this.environment(),
      target,
      catalog,
      ...options,
    });
  }

  /** Writes a traffic-events.yaml for this world, with what `overrides` changes. */
  configFile({ url: warehouse }: WarehouseUrl, overrides: object = {}): string {
    const { client_id, client_secret, refresh_token, ...rest } = this.tapConfig();
    const credentials = { client_id, client_secret, refresh_token };
    const { streams } = this.#options;
    const config = { credentials, ...rest, streams, warehouse, ...overrides };
    return this.#write('traffic-events.yaml', stringify(config));
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
      TRAFFIC_EVENTS_TIME_SCALE: String(this.#options.timeScale ?? TIME_SCALE),
      ...this.#options.installation?.environment,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulator.close();
    for (const warehouse of this.#warehouses) await warehouse.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #run(program: string, args: readonly string[], kill?: KillMoment): Promise<Ended> {
    const { installation } = this.#options;
    const path = installation === undefined ? program : join(installation.bin, program);
    return run(path, args, this.environment(), kill);
  }

  /** The catalog that the tap discovers, with this world's streams selected. */
  async #catalog(): Promise<string> {
    if (this.#catalogFile !== undefined) return this.#catalogFile;
    const discovered = await this.#run('tap-traffic-events', ['--discover']);
    const catalog = JSON.parse(discovered.stdout) as Catalog;
    for (const { stream, metadata } of catalog.streams) {
      for (const item of metadata.filter(({ breadcrumb }) => breadcrumb.length === 0)) {
        item.metadata.selected = this.#options.streams?.includes(stream as Stream) === true;
      }
    }
    this.#catalogFile = this.#write('catalog.json', JSON.stringify(catalog));
    return this.#catalogFile;
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text);
    return path;
  }
}
