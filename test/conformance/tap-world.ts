import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';

/** Slow enough that a loaded machine stays within the five minutes that clocks may differ. */
const SCALE = 300;

export const DSP = 'DE:dsp:584930219384756193';

/** The simulated API and a folder with the tap's config, for programs that run the tap. */
export class TapWorld implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly folder = mkdtempSync(join(tmpdir(), 'tap-peers-'));

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** For a process that begins now: PATH, and the clock that it shares with the simulator. */
  get environment(): Readonly<Record<string, string>> {
    const now = new Date(this.simulator.clock.now()).toISOString();
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      TRAFFIC_EVENTS_NOW: `${now}@${new Date().toISOString()}`,
      TRAFFIC_EVENTS_TIME_SCALE: String(SCALE),
    };
  }

  static async start(now: string, settings: Partial<SimulatorOptions> = {}): Promise<TapWorld> {
    const simulator = await startSimulator({
      clock: new SimulatedClock({ originMs: Date.parse(now), scale: SCALE }),
      executionDurationMs: 60_000,
      accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' }],
      events: { kind: 'generated', seed: 3, fromDate: '2026-01-01', days: 6, eventsPerDay: 200 },
      ...settings,
    });
    return new TapWorld(simulator);
  }

  /** The tap's settings, as JSON has them. */
  config(startDate: string) {
    const { clientId, clientSecret, refreshToken } = this.simulator.credentials;
    return {
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      start_date: startDate,
      accounts: [{ marketplace: 'DE', advertiser_id: '584930219384756193' }],
      api_url: this.simulator.url,
      token_url: `${this.simulator.url}/auth/o2/token`,
    };
  }

  /** Writes a file into the folder and answers its path. */
  file(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulator.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
