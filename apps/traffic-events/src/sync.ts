import { accountKey } from '@traffic-events/client';
import type { StateValue } from '@traffic-events/slice';
import { LocalArchive, runSync, withPartition } from '@traffic-events/source';
import type { RunSummary, RunSyncOptions } from '@traffic-events/source';
import { accountsOf } from './accounts.ts';
import type { Config } from './config.ts';
import { openClient, openSink } from './connections.ts';
import type { Surroundings } from './connections.ts';
import { streamsOf } from './streams.ts';
import type { WarehouseSink } from './warehouse.ts';

/** What one run may do beyond the configuration. */
export type SyncLimits = Pick<RunSyncOptions, 'accept' | 'maxDurationMs' | 'range'>;

/**
 * Extracts what is due and loads it, in this process. The state is read from the warehouse and kept
 * there, in the transactions of the data that it describes.
 */
export async function sync(
  surroundings: Surroundings,
  limits: SyncLimits = {},
): Promise<RunSummary> {
  const { config, clock, log, signal } = surroundings;
  const accounts = accountsOf(config);
  const streams = streamsOf(config);
  const sink = await openSink(surroundings);
  const client = openClient(surroundings);
  try {
    return await runSync({
      client,
      accounts,
      streams,
      startDate: config.start_date,
      state: await savedState(sink, accounts.map(accountKey)),
      sink,
      clock,
      logger: log.logger,
      signal,
      slots: config.max_active_executions,
      ...archiveOf(config),
      ...quotaOf(config),
      ...limits,
    });
  } finally {
    await Promise.all([sink.close(), client.close()]);
  }
}

/** The state of the accounts as the warehouse has it; takes their leases. */
export async function savedState(sink: WarehouseSink, accountIds: string[]): Promise<StateValue> {
  const saved = await sink.readStates(accountIds);
  return saved.reduce<StateValue>(withPartition, { bookmarks: {} });
}

function archiveOf({ archive }: Config): Pick<RunSyncOptions, 'archive'> {
  return archive === undefined ? {} : { archive: new LocalArchive({ folder: archive }) };
}

function quotaOf({
  max_executions_per_day: quota,
}: Config): Pick<RunSyncOptions, 'maxExecutionsPerDay'> {
  return quota === undefined ? {} : { maxExecutionsPerDay: quota };
}
