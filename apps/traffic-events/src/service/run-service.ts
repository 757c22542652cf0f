import type { Logger } from '@traffic-events/client';
import { exitCodeOfError } from '@traffic-events/program';
import type { ExitCode } from '@traffic-events/program';
import type { InstantMs } from '@traffic-events/slice';
import type { Config } from '../config.ts';
import type { CommandContext } from '../connections.ts';
import { warehouseOf } from '../warehouse.ts';
import { HealthServer } from './health-server.ts';
import type { ListenAddress } from './health-server.ts';
import { LiveConfig } from './live-config.ts';
import { jitterMs } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { ServiceHealth } from './service-health.ts';
import { ServiceMetrics } from './service-metrics.ts';
import { standingOf } from './standing.ts';

/** A machine that slept is noticed within this time. */
const LONGEST_SLEEP_MS = 60_000;

export interface ServiceOptions {
  readonly schedule: Schedule;
  /** Null to answer nowhere. */
  readonly listen: ListenAddress | null;
  /** The configuration that it starts with, and where its runs log. */
  readonly context: CommandContext;
  /** Reads the configuration again; throws for one that cannot be used. */
  readonly readConfig: () => Config;
  readonly run: (context: CommandContext) => Promise<ExitCode>;
}

/** Runs by a schedule until it is asked to stop. A run that fails is followed by the next one. */
export async function runService(options: ServiceOptions): Promise<void> {
  const { schedule, listen, context } = options;
  const { clock, logger, signal } = context;
  const metrics = new ServiceMetrics(clock);
  const health = new ServiceHealth();
  using config = new LiveConfig(context.config, options.readConfig, logger);
  await using server =
    listen === null ? undefined : await HealthServer.start(listen, routesOf(metrics, health));
  const service: Service = { options, metrics, health, config };
  logger.info({ every: schedule.text, url: server?.url ?? null }, 'service.started');
  await observe(service);
  let nextMs = schedule.firstMs(clock.now());
  while (await hasComeTo(nextMs, service)) {
    const beganMs = clock.now();
    await runOnce(service, beganMs);
    if (signal.aborted) return;
    await observe(service);
    const nowMs = clock.now();
    nextMs = schedule.nextMs(beganMs, nowMs) + jitterMs(schedule.gapMs(nowMs), Math.random);
  }
}

interface Service {
  readonly options: ServiceOptions;
  readonly metrics: ServiceMetrics;
  readonly health: ServiceHealth;
  readonly config: LiveConfig;
}

function routesOf(metrics: ServiceMetrics, health: ServiceHealth) {
  const { registry } = metrics;
  return {
    '/healthz': () => health.alive(),
    '/readyz': () => health.ready(),
    '/metrics': async () => ({
      status: 200,
      type: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}

/** Waits; false once the service is asked to stop. */
async function hasComeTo(
  nextMs: InstantMs,
  { options, metrics, health }: Service,
): Promise<boolean> {
  const { clock, logger, signal } = options.context;
  metrics.nextRunAt(nextMs);
  health.nextRun(nextMs);
  logger.info({ next_run: new Date(nextMs).toISOString() }, 'service.waiting');
  while (!signal.aborted && clock.now() < nextMs) {
    const leftMs = Math.min(nextMs - clock.now(), LONGEST_SLEEP_MS);
    await clock.sleep(leftMs, signal).catch(() => {});
  }
  health.nextRun(null);
  return !signal.aborted;
}

async function runOnce(service: Service, beganMs: InstantMs): Promise<void> {
  const { options, metrics, health, config } = service;
  const { clock, logger } = options.context;
  const counting = metrics.counting(logger);
  const code = await endOf(
    options.run({
      ...options.context,
      config: config.current,
      logger: counting,
      events: counting,
    }),
    logger,
  );
  const endedMs = clock.now();
  metrics.runEnded(code, beganMs, endedMs);
  health.runEnded(code, endedMs);
  logger.info({ exit_code: code }, 'service.run_ended');
}

async function endOf(run: Promise<ExitCode>, logger: Logger): Promise<ExitCode> {
  try {
    return await run;
  } catch (error) {
    const code = exitCodeOfError(error);
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ reason, exit_code: code }, 'run.failed');
    return code;
  }
}

/** Asks the warehouse how things stand, for the metrics. */
async function observe({ options, metrics, health, config }: Service): Promise<void> {
  const { clock, logger, signal } = options.context;
  const { promise: stopped, resolve } = Promise.withResolvers<null>();
  const onStop = () => resolve(null);
  signal.addEventListener('abort', onStop, { once: true });
  try {
    const { current } = config;
    const reading = warehouseOf(current).then((warehouse) => warehouse.readStatus());
    const statuses = await Promise.race([reading, stopped]);
    if (statuses === null) return;
    metrics.observe(standingOf(current, statuses, clock.now()));
    health.warehouse(null);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    health.warehouse(reason);
    logger.warn({ reason }, 'service.warehouse_unread');
  } finally {
    signal.removeEventListener('abort', onStop);
  }
}
