import packageJson from '../package.json' with { type: 'json' };
import { clockFromEnvironment } from '@traffic-events/client';
import type { Clock, Logger, TrafficEventsClient } from '@traffic-events/client';
import { openClient } from '@traffic-events/program/extraction';
import type { WarehouseSink } from '@traffic-events/warehouse';
import type { Config } from './config.ts';
import { warehouseOf } from './warehouse.ts';

/** What a command needs beside the configuration. */
export interface CommandContext {
  readonly config: Config;
  readonly clock: Clock;
  /** What packages report by themselves. */
  readonly logger: Logger;
  /** What a run does, slice by slice. */
  readonly events: Logger;
  readonly signal: AbortSignal;
}

export function commandContext(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv,
): CommandContext {
  return { config, clock: clockFromEnvironment(environment), logger, events: logger, signal };
}

/** The API; the caller closes it. It is waited for as long as the configuration says unless told. */
export function openApi(
  { config, clock, logger }: CommandContext,
  maxOutageMs?: number,
): TrafficEventsClient {
  const { version } = packageJson;
  return openClient(config.credentials, config, {
    program: 'traffic-events',
    version,
    clock,
    logger,
    maxOutageMs,
  });
}

/** The warehouse as a sink; nothing is connected before its first use, and the caller closes it. */
export async function openSink({
  config,
  clock,
  logger,
  signal,
}: CommandContext): Promise<WarehouseSink> {
  const warehouse = await warehouseOf(config);
  return warehouse.openSink({ clock, logger, signal });
}
