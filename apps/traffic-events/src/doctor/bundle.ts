import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, release, tmpdir, totalmem } from 'node:os';
import { parseSavedStates } from '@traffic-events/source';
import packageJson from '../../package.json' with { type: 'json' };
import { runChecks } from '../checks.ts';
import type { CommandContext } from '../connections.ts';
import { streamStatus } from '../status/status.ts';
import { warehouseOf } from '../warehouse.ts';
import { settingsWithoutSecrets } from './without-secrets.ts';

/** Of the environment the names alone are told. */
const TOLD = /^(?:TRAFFIC_EVENTS_|AMAZON_ADS_|HTTPS?_PROXY|NO_PROXY|NODE_|TZ$|TMPDIR$|NO_COLOR$)/i;

/** What somebody who helps would ask for; each part by itself, because another may be at fault. */
export async function doctorBundle(context: CommandContext): Promise<object> {
  const { config, clock } = context;
  return {
    made_at: new Date(clock.now()).toISOString(),
    program: { version: packageJson.version, node: process.version, ...machine() },
    environment: Object.keys(process.env)
      .filter((name) => TOLD.test(name))
      .sort(),
    disks: await disks([tmpdir(), ...(config.archive === undefined ? [] : [config.archive])]),
    configuration: settingsWithoutSecrets(config),
    checks: await part(() => runChecks(context, { create: false })),
    status: await part(() => statusOf(context)),
  };
}

function machine() {
  return {
    platform: `${process.platform} ${process.arch} ${release()}`,
    cores: availableParallelism(),
    memory_mb: { total: megabytes(totalmem()), free: megabytes(freemem()) },
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}

async function disks(folders: readonly string[]): Promise<object[]> {
  return Promise.all(
    folders.map(async (folder) => ({ folder, ...(await part(() => spaceOf(folder))) })),
  );
}

async function spaceOf(folder: string): Promise<object> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { total_mb: megabytes(blocks * bsize), free_mb: megabytes(bavail * bsize) };
}

async function statusOf({ config, clock }: CommandContext): Promise<object> {
  const warehouse = await warehouseOf(config);
  const nowMs = clock.now();
  const streams = parseSavedStates(await warehouse.readStatus(), nowMs);
  return { streams: streams.map((partition) => streamStatus(partition, nowMs)) };
}

async function part<Part extends object>(work: () => Promise<Part>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
