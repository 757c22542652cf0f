import { accountKey } from '@traffic-events/client';
import {
  accountsOf,
  checkedRange,
  runOptionsOf,
  selectAccounts,
  streamsOf,
} from '@traffic-events/program/extraction';
import { otherZoneOf } from '@traffic-events/slice';
import { asHeld, parseSavedStates, previewSync } from '@traffic-events/source';
import type { AccountOutlook, ExpiringDate, Help } from '@traffic-events/source';
import { ZoneChangedError } from '@traffic-events/warehouse';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { openApi } from './connections.ts';
import type { CommandContext } from './connections.ts';
import type { SyncLimits } from './sync.ts';
import { warehouseOf } from './warehouse.ts';

/** What a sync would find ahead of it; reads beside whoever is loading, and changes nothing. */
export async function outlook(
  context: CommandContext,
  { selection = {}, maxOutageMs, ...limits }: SyncLimits = {},
): Promise<AccountOutlook[]> {
  const { config, clock, logger, signal } = context;
  const warehouse = await warehouseOf(config);
  const partitions = await warehouse.readStatus();
  const nowMs = clock.now();
  const all = accountsOf(config);
  const accounts = selectAccounts(all, selection);
  const range = checkedRange(config.start_date, limits.range, { accounts: all, nowMs });
  const client = openApi(context, maxOutageMs);
  try {
    return await previewSync({
      client,
      accounts,
      state: parseSavedStates(ownStates(partitions, context), nowMs),
      streams: streamsOf(config),
      logger,
      signal,
      ...runOptionsOf(config),
      ...limits,
      ...range,
    });
  } finally {
    await client.close();
  }
}

/** Of the accounts of the configuration alone: others are none of this run's business. */
function ownStates(
  partitions: readonly PartitionStatus[],
  { config }: CommandContext,
): readonly PartitionStatus[] {
  const held = partitions.map(({ accountId }) => accountId);
  const own = new Set(accountsOf(config).map((account) => accountKey(asHeld(account, held))));
  for (const accountId of own) {
    // The run itself would be refused.
    const other = held.includes(accountId) ? undefined : otherZoneOf(accountId, held);
    if (other !== undefined) throw new ZoneChangedError(accountId, other);
  }
  return partitions.filter(({ accountId }) => own.has(accountId));
}

/** For people: some lines for each account. */
export function describeOutlook(outlooks: readonly AccountOutlook[]): string {
  return outlooks.flatMap(linesOf).join('\n');
}

/** Dates that are lost although they could still be had now. */
export function lostAhead(outlooks: readonly AccountOutlook[]): readonly ExpiringDate[] {
  return outlooks.flatMap(({ expiring }) => expiring.filter(({ isLost }) => isLost));
}

function linesOf(account: AccountOutlook): string[] {
  const { accountId, executions, dates, inFlight, expiring } = account;
  const slices = Object.values(dates).reduce((sum, count) => sum + count, 0);
  const together = slices === executions ? '' : ` for ${slices} dates of tables`;
  const running = inFlight === 0 ? '' : `, and ${inFlight} in flight`;
  if (executions + inFlight === 0) return [`${accountId}: nothing is due.`];
  const streams = Object.entries(dates).map(([stream, count]) => `${stream} ${count}`);
  const lost = expiring.filter(({ isLost }) => isLost);
  const inTime = expiring.filter(({ isLost }) => !isLost);
  return [
    `${accountId}: ${executions} executions${together}${running}. ${timeOf(account)}`,
    ...(streams.length === 0 ? [] : [`  ${streams.join(', ')}`]),
    ...newTables(account),
    ...(inTime.length === 0
      ? []
      : [`  Begin to expire meanwhile, and come first: ${datesOf(inTime)}`]),
    ...(lost.length === 0
      ? []
      : [
          `  Expire before their turn, and will be LOST: ${datesOf(lost)}`,
          ...adviceOn(account, lost.length),
        ]),
  ];
}

/** Tables that come of a setting are said before they come. */
function newTables({ newStreams, dates }: AccountOutlook): string[] {
  const isFirst = newStreams.length === Object.keys(dates).length;
  if (newStreams.length === 0 || isFirst) return [];
  return [
    `  New: ${newStreams.join(', ')}. \`streams\` lists the tables to keep; all others are left out.`,
  ];
}

function timeOf({ usualMs, learnedMs, learnedExecutionMs }: AccountOutlook): string {
  const usual = `About ${hoursOf(usualMs)}, if each takes 15 minutes`;
  if (learnedMs === null || learnedExecutionMs === null) return `${usual}.`;
  const minutes = Math.max(1, Math.round(learnedExecutionMs / 60_000));
  return `${usual}; ${hoursOf(learnedMs)}, if ${minutes} minutes, as of late.`;
}

function hoursOf(ms: number): string {
  const hours = Math.round(ms / 360_000) / 10;
  return `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}

const MAX_LISTED = 10;

function datesOf(expiring: readonly ExpiringDate[]): string {
  const byDate = Map.groupBy(expiring, ({ eventDate }) => eventDate);
  const dates = [...byDate].map(
    ([date, of]) => `${date} (${of.map(({ stream }) => stream).join(', ')})`,
  );
  const rest = dates.length - MAX_LISTED;
  return [...dates.slice(0, MAX_LISTED), ...(rest > 0 ? [`and ${rest} more dates`] : [])].join(
    '; ',
  );
}

const CHANGES: Readonly<Record<Help['change'], string>> = {
  max_active_executions: 'max_active_executions: 5',
  max_executions_per_day: 'no max_executions_per_day',
  settled_only: 'refresh: settled_only, which asks for each date once',
};

function adviceOn({ help }: AccountOutlook, lost: number): string[] {
  return [
    ...help.map(
      ({ change, lost: left }) => `  Lost with ${CHANGES[change]}: ${left} instead of ${lost}.`,
    ),
    '  Fewer streams in the first run would help as well: add the others once it is through.',
  ];
}
