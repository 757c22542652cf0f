import { accountKey, TrafficEventsClient } from '@traffic-events/client';
import type { Account, Clock } from '@traffic-events/client';
import type { StateValue } from '@traffic-events/slice';
import { defaultStreams, runSync, withPartition } from '@traffic-events/source';
import type { RunSummary, StreamDefinition } from '@traffic-events/source';
import { PostgresSink } from '@traffic-events/warehouse/postgres';
import type { Log } from './log.ts';

export interface SyncOptions {
  readonly credentials: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly refreshToken: string;
  };
  readonly apiUrl?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly accounts: readonly Account[];
  /** First event date wanted. */
  readonly startDate: string;
  /** What is extracted; the default of each account's kind unless set. */
  readonly streams?: readonly StreamDefinition[];
  /** `postgres://user:password@host:port/database` */
  readonly warehouseUrl: string;
  readonly schema: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/**
 * Extracts what is due and loads it, in this process. The state is read from the warehouse and kept
 * there, in the transactions of the data that it describes.
 */
export async function sync(options: SyncOptions): Promise<RunSummary> {
  const client = clientOf(options);
  const sink = sinkOf(options);
  try {
    const saved = await sink.readStates(options.accounts.map(accountKey));
    return await runSync({
      client,
      accounts: options.accounts,
      streams: options.streams ?? defaultStreams,
      startDate: options.startDate,
      state: saved.reduce<StateValue>(withPartition, { bookmarks: {} }),
      sink,
      clock: options.clock,
      logger: options.log.logger,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    await Promise.all([sink.close(), client.close()]);
  }
}

function clientOf({ credentials, apiUrl, tokenUrl, clock, log }: SyncOptions): TrafficEventsClient {
  return new TrafficEventsClient({
    ...credentials,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    clock,
    logger: log.pino,
  });
}

function sinkOf({ warehouseUrl, schema, clock, log, signal }: SyncOptions): PostgresSink {
  return new PostgresSink({
    connection: { url: warehouseUrl },
    schema,
    clock,
    logger: log.pino,
    ...(signal === undefined ? {} : { signal }),
  });
}
