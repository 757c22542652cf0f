import { TrafficEventsClient } from '@traffic-events/client';
import type { Account, ClientOptions } from '@traffic-events/client';
import { startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions, StruckFault } from '@traffic-events/simulator';
import type { EventDate } from '@traffic-events/slice';

import { runSync } from '../running/run-sync.ts';
import type { RunSyncOptions } from '../running/run-sync.ts';
import type { RunSummary } from '../running/run-summary.ts';
import { defaultStreams } from '../streams/default-streams.ts';
import type { MemorySink } from './memory-sink.ts';
import { Network } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

/** An execution as the simulator's own interface lists it. */
export interface ListedSimulation {
  readonly id: string;
  readonly account: string;
  readonly workflowId: string;
  readonly status: string;
  readonly createTime: string;
  readonly windowStart: string;
  readonly windowEnd: string;
}

export interface WorldOptions extends Partial<Omit<SimulatorOptions, 'clock' | 'accounts'>> {
  /** Instant at which it begins, ISO 8601. */
  readonly now: string;
  readonly accounts: readonly Account[];
  readonly startDate: EventDate;
  readonly streams?: RunSyncOptions['streams'];
  readonly client?: Partial<ClientOptions>;
}

/** The simulated API in virtual time, and runs against it. */
export class World implements AsyncDisposable {
  readonly time: VirtualTime;
  readonly simulator: Simulator;
  readonly network = new Network();
  readonly #options: WorldOptions;

  private constructor(options: WorldOptions, time: VirtualTime, simulator: Simulator) {
    this.#options = options;
    this.time = time;
    this.simulator = simulator;
  }

  static async start(options: WorldOptions): Promise<World> {
    const { now, accounts, startDate: _, streams: __, client: ___, ...settings } = options;
    const time = new VirtualTime({ originMs: Date.parse(now) });
    const simulator = await startSimulator({
      ...settings,
      clock: time.simulated,
      accounts: accounts.map(({ timeZone: ____, ...account }) => account),
    });
    return new World(options, time, simulator);
  }

  /** One run of a program of its own: nothing but the sink's state is carried over. */
  async run(sink: MemorySink, options: Partial<RunSyncOptions> = {}): Promise<RunSummary> {
    const { accounts, startDate, streams } = this.#options;
    const client = this.client();
    try {
      return await runSync({
        client,
        accounts,
        streams: streams ?? defaultStreams,
        startDate,
        state: sink.savedState,
        sink,
        clock: this.time.clock,
        ...options,
      });
    } finally {
      await client.close();
    }
  }

  client(options: Partial<ClientOptions> = {}): TrafficEventsClient {
    return new TrafficEventsClient({
      ...this.simulator.credentials,
      apiUrl: this.simulator.url,
      tokenUrl: `${this.simulator.url}/auth/o2/token`,
      clock: this.time.clock,
      dispatcher: this.time.dispatcher.compose(this.network.cut),
      ...this.#options.client,
      ...options,
    });
  }

  moveTo(instant: string): void {
    this.time.simulated.advanceTo(Date.parse(instant));
  }

  advance(ms: number): void {
    this.time.simulated.advanceTo(this.time.simulated.now() + ms);
  }

  /** Every execution that was ever created. */
  async executions(): Promise<ListedSimulation[]> {
    const answer = await fetch(`${this.simulator.url}/_simulator/executions`);
    return ((await answer.json()) as { executions: ListedSimulation[] }).executions;
  }

  /** Faults that have struck since their plan began. */
  async struck(): Promise<StruckFault[]> {
    const answer = await fetch(`${this.simulator.url}/_simulator/faults`);
    return ((await answer.json()) as { struck: StruckFault[] }).struck;
  }

  /** Posts to the simulator's own interface. */
  async control(path: 'faults' | 'behaviour', body: unknown): Promise<void> {
    const answer = await fetch(`${this.simulator.url}/_simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.time.stop();
    await this.simulator.close();
  }
}
