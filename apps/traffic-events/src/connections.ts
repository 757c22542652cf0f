import packageJson from '../package.json' with { type: 'json' };
import { clockFromEnvironment, TrafficEventsClient } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import type { WarehouseSink } from '@traffic-events/warehouse';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { warehouseOf } from './warehouse.ts';

/** What a command needs beside the configuration. */
export interface Surroundings {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export function surroundingsOf(
  config: Config,
  log: Log,
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv,
): Surroundings {
  return { config, clock: clockFromEnvironment(environment), log, signal };
}

/** The API; the caller closes it. */
export function openClient({ config, clock, log }: Surroundings): TrafficEventsClient {
  const { client_id: clientId, client_secret: clientSecret } = config.credentials;
  return new TrafficEventsClient({
    clientId,
    clientSecret,
    refreshToken: config.credentials.refresh_token,
    apiUrl: config.api_url,
    tokenUrl: config.token_url,
    maxActiveExecutions: config.max_active_executions,
    userAgentSuffix: `traffic-events/${packageJson.version}`,
    clock,
    logger: log.pino,
  });
}

/** The warehouse as a sink; nothing is connected before its first use, and the caller closes it. */
export async function openSink({
  config,
  clock,
  log,
  signal,
}: Surroundings): Promise<WarehouseSink> {
  const warehouse = await warehouseOf(config);
  return warehouse.openSink({ clock, logger: log.pino, signal });
}
