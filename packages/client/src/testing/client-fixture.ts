import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach } from 'vitest';

import type { AccountClient } from '../account-client.ts';
import { TrafficEventsClient } from '../client.ts';
import type { ClientOptions } from '../client-options.ts';
import type { SqlRequest } from '../create-request.ts';
import type { Logger } from '../logger.ts';
import { LeapingClock } from './leaping-clock.ts';
import { json, ScriptedServer } from './scripted-server.ts';
import type { Answer } from './scripted-server.ts';

export const SECRETS = {
  clientId: 'amzn1.application-oa2-client.one',
  clientSecret: 'amzn1.oa2-cs.v1.hush',
  refreshToken: 'Atzr|refresh-hush',
} as const;

export const START_MS = Date.parse('2026-02-01T06:00:00Z');

/** A request that the API would take; each has its own workflowId. */
export function sqlRequest(workflowId = 'w1'): SqlRequest {
  return {
    kind: 'sql',
    workflowId,
    sqlQuery: 'SELECT SUM(impressions) AS impressions FROM dsp_impressions',
    window: { startMs: Date.UTC(2026, 0, 20), endMs: Date.UTC(2026, 0, 21) },
  };
}

/** A gateway's 404 in whose sentence the asked path stands. */
export function execution404(headers: Record<string, string>): Answer {
  return (response, request) =>
    json(404, { message: `${request.url} not found` }, headers)(response, request);
}

export interface LoggedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A server, a clock that leaps, and clients of that server: new for each test, closed behind it. */
export class ClientFixture {
  server!: ScriptedServer;
  clock!: LeapingClock;
  directory!: string;
  readonly log: LoggedLine[] = [];
  readonly #clients: TrafficEventsClient[] = [];

  /** Call at the top of a test file. */
  static use(): ClientFixture {
    const fixture = new ClientFixture();
    beforeEach(async () => {
      fixture.log.length = 0;
      fixture.clock = new LeapingClock(START_MS);
      fixture.server = await ScriptedServer.start(fixture.clock);
      fixture.directory = await mkdtemp(path.join(tmpdir(), 'client-'));
    });
    afterEach(() => fixture.#close());
    return fixture;
  }

  client(options: Partial<ClientOptions> = {}): TrafficEventsClient {
    const client = new TrafficEventsClient({
      ...SECRETS,
      apiUrl: this.server.url,
      tokenUrl: this.server.tokenUrl,
      clock: this.clock,
      random: () => 0.5,
      logger: this.#logger(),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  account(options: Partial<ClientOptions> = {}): AccountClient {
    return this.client(options).account({
      kind: 'dsp',
      marketplace: 'DE',
      advertiserId: '1234',
    });
  }

  #logger(): Logger {
    const at = (level: keyof Logger) => (fields: LoggedLine['fields'], message: string) => {
      this.log.push({ level, message, fields });
    };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  async #close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
    await this.server.close();
    await rm(this.directory, { recursive: true });
  }
}
