import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import {
  accountsOf,
  checkedRange,
  runExtraction,
  runOptionsOf,
  selectAccounts,
  streamsOf,
} from '@traffic-events/program/extraction';
import type { AccountArguments, ExtractionReport } from '@traffic-events/program/extraction';
import type { InstantMs, PartitionChange } from '@traffic-events/slice';
import { asHeld, parseSavedStates } from '@traffic-events/source';
import type { RunSyncOptions } from '@traffic-events/source';
import { ZoneChangedError } from '@traffic-events/warehouse';
import type { WarehouseSink } from '@traffic-events/warehouse';
import { openApi, openSink } from './connections.ts';
import type { CommandContext } from './connections.ts';

/** What one run may do beyond the configuration. */
export interface SyncLimits extends Pick<RunSyncOptions, 'accept' | 'maxDurationMs' | 'range'> {
  /** How long an API that does not answer is waited for, in ms of the clock. */
  readonly maxOutageMs?: number | undefined;
  /** Which accounts of the configuration it is about; all unless given. */
  readonly selection?: AccountArguments;
}

/**
 * Extracts what is due and loads it, in this process. The state is read from the warehouse and kept
 * there, in the transactions of the data that it describes.
 */
export async function sync(
  context: CommandContext,
  { selection = {}, maxOutageMs, ...limits }: SyncLimits = {},
): Promise<ExtractionReport> {
  const { config, clock, events, signal } = context;
  const all = accountsOf(config);
  const accounts = selectAccounts(all, selection);
  const streams = streamsOf(config);
  const nowMs = clock.now();
  const range = checkedRange(config.start_date, limits.range, { accounts: all, nowMs });
  const sink = await openSink(context);
  const client = openApi(context, maxOutageMs);
  try {
    return await runExtraction({
      client,
      ...(await heldAccounts(sink, accounts, nowMs)),
      streams,
      sink,
      clock,
      logger: events,
      signal,
      ...runOptionsOf(config),
      ...limits,
      ...range,
    });
  } finally {
    await Promise.all([sink.close(), client.close()]);
  }
}

/** What the warehouse has of the accounts that a run is about. */
interface HeldAccounts {
  /** Each under the name of its time zone by which the warehouse holds it. */
  readonly accounts: readonly Account[];
  readonly state: readonly PartitionChange[];
}

/** The accounts and their state as the warehouse has them; takes their leases. */
export async function heldAccounts(
  sink: WarehouseSink,
  accounts: readonly Account[],
  nowMs?: InstantMs,
): Promise<HeldAccounts> {
  try {
    const saved = await sink.readStates(accounts.map(accountKey));
    return { accounts, state: parseSavedStates(saved, nowMs) };
  } catch (error) {
    if (!(error instanceof ZoneChangedError && error.isSameZone)) throw error;
    return heldAccounts(
      sink,
      accounts.map((account) => asHeld(account, [error.heldAs])),
      nowMs,
    );
  }
}
