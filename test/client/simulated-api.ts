import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { accountKey, readCsv, TrafficEventsClient } from '@traffic-events/client';
import type {
  Account,
  AccountClient,
  ClientOptions,
  CreateExecutionRequest,
  CsvColumn,
  SqlRequest,
  WorkflowExecution,
} from '@traffic-events/client';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { FaultRule, Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { afterEach } from 'vitest';

export const DSP = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
export const ENTITY = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;

export const WINDOW = { startMs: Date.UTC(2026, 0, 28), endMs: Date.UTC(2026, 0, 29) };
const NOW_MS = Date.UTC(2026, 1, 1, 6);
/** A minute passes in 60 ms: waits are short, and a slow machine is still within every limit. */
const SCALE = 1_000;

export interface ExecutionSeen {
  readonly id: string;
  readonly account: string;
  readonly workflowId: string;
  readonly status: string;
}

/** The simulator and clients of it, on one clock; closed behind each test. */
export class SimulatedApi {
  simulator!: Simulator;
  readonly warnings: string[] = [];
  /** Everything that was logged, warnings too. */
  readonly messages: string[] = [];
  directory = '';
  #clients: TrafficEventsClient[] = [];
  #workflows = 0;

  /** Call at the top of a test file. */
  static use(): SimulatedApi {
    const api = new SimulatedApi();
    afterEach(() => api.close());
    return api;
  }

  async start(options: Partial<SimulatorOptions> = {}): Promise<void> {
    this.directory = await mkdtemp(path.join(tmpdir(), 'simulated-api-'));
    this.simulator = await startSimulator({
      clock: new SimulatedClock({ originMs: NOW_MS, scale: SCALE }),
      accounts: [DSP, ENTITY],
      events: { kind: 'generated', fromDate: '2026-01-28', days: 1, eventsPerDay: 200 },
      executionDurationMs: 60_000,
      ...options,
    });
  }

  client(options: Partial<ClientOptions> = {}): TrafficEventsClient {
    const { url, clock, credentials } = this.simulator;
    const client = new TrafficEventsClient({
      ...credentials,
      apiUrl: url,
      tokenUrl: `${url}/auth/o2/token`,
      clock,
      logger: {
        debug: (_, message) => this.messages.push(message),
        info: (_, message) => this.messages.push(message),
        error: (_, message) => this.messages.push(message),
        warn: (_, message) => {
          this.messages.push(message);
          this.warnings.push(message);
        },
      },
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  account(options: Partial<ClientOptions> = {}, account: Account = DSP): AccountClient {
    return this.client(options).account(account);
  }

  /** A query for the account's kind, with a workflowId of its own. */
  request(account: Account = DSP, fields: Partial<SqlRequest> = {}): SqlRequest {
    this.#workflows += 1;
    const table = account.kind === 'dsp' ? 'dsp_impressions' : 'sponsored_ads_traffic';
    return {
      kind: 'sql',
      workflowId: `w-${this.#workflows}`,
      sqlQuery: `SELECT campaign, SUM(impressions) AS impressions\nFROM ${table}\nGROUP BY campaign`,
      window: WINDOW,
      ...fields,
    };
  }

  /** Creates, waits, downloads; the bytes of the part files. */
  async bytesOf(account: AccountClient, request: CreateExecutionRequest): Promise<Buffer[]> {
    const { files } = await this.#download(account, request);
    return Promise.all(files.map(({ path: file }) => readFile(file)));
  }

  /** Creates, waits, downloads and reads; the rows in order. */
  async rowsOf(
    account: AccountClient,
    request: CreateExecutionRequest,
    columns: readonly CsvColumn[] = [
      { name: 'campaign', type: 'STRING' },
      { name: 'impressions', type: 'LONG' },
    ],
  ): Promise<(string | null)[][]> {
    const { files } = await this.#download(account, request);
    const rows: (string | null)[][] = [];
    for await (const batch of readCsv(files, { columns })) rows.push(...batch);
    return rows.toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
  }

  /** Impressions of the test's window, straight from the raw events. */
  async impressions(account: Account = DSP): Promise<number> {
    const [row] = await this.simulator.truth({
      account: accountKey(account),
      dataSource: account.kind === 'dsp' ? 'dsp_impressions' : 'sponsored_ads_traffic',
      from: '2026-01-28',
      to: '2026-01-28',
    });
    return Number(row?.totals['impressions']);
  }

  /** Begins another plan; how many faults the last one has struck with. */
  async faults(rules: readonly FaultRule[]): Promise<number> {
    const url = `${this.simulator.url}/_simulator/faults`;
    const { struck } = (await (await fetch(url)).json()) as { struck: readonly unknown[] };
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules }),
    });
    if (!response.ok) throw new Error(await response.text());
    return struck.length;
  }

  /** Every execution that the simulator has ever created. */
  async executions(): Promise<ExecutionSeen[]> {
    const response = await fetch(`${this.simulator.url}/_simulator/executions`);
    return ((await response.json()) as { executions: ExecutionSeen[] }).executions;
  }

  async complete(
    account: AccountClient,
    request: CreateExecutionRequest,
  ): Promise<WorkflowExecution> {
    return account.runToCompletion(await account.createExecution(request));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#clients = [];
    this.warnings.length = 0;
    this.messages.length = 0;
    await this.simulator.close();
    await rm(this.directory, { recursive: true });
  }

  async #download(account: AccountClient, request: CreateExecutionRequest) {
    const { id, state, reason } = await this.complete(account, request);
    if (state !== 'succeeded') throw new Error(`execution ${id} ended ${state}: ${reason}`);
    return account.download(id, { directory: path.join(this.directory, id) });
  }
}
