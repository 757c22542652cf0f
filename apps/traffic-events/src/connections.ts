import packageJson from '../package.json' with { type: 'json' };
import { clockFromEnvironment } from '@traffic-events/client';
import type { Clock, TrafficEventsClient } from '@traffic-events/client';
import { openClient } from '@traffic-events/program/extraction';
import type { WarehouseSink } from '@traffic-events/warehouse';
import type { Config } from './config.ts';
import type { Log } from '@traffic-events/program';
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
export function openApi({ config, clock, log }: Surroundings): TrafficEventsClient {
  const { version } = packageJson;
  return openClient(config.credentials, config, { program: 'traffic-events', version, clock, log });
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
