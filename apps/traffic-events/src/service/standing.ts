import type { InstantMs } from '@traffic-events/slice';
import { accountsOf, streamsOf } from '@traffic-events/program/extraction';
import { asHeld, parseSavedStates, partitionStanding, withStreams } from '@traffic-events/source';
import type { PartitionStatus } from '@traffic-events/warehouse';
import type { Config } from '../config.ts';

/** How one stream of one account stands. */
export interface StreamStanding {
  readonly account_id: string;
  readonly stream: string;
  /** Dates of which a better copy can still be had. */
  readonly open: number;
  /** Dates that are lost. */
  readonly missed: number;
  /** When the first open date without a complete copy begins to expire; null where all have one. */
  readonly expiresMs: InstantMs | null;
}

/** Of every stream that the configuration lists, also of those that nothing has been loaded of yet. */
export function standingOf(
  config: Config,
  statuses: readonly PartitionStatus[],
  nowMs: InstantMs,
): StreamStanding[] {
  const saved = parseSavedStates(statuses, nowMs);
  const held = saved.map(({ accountId }) => accountId);
  const byName = new Map(saved.map((each) => [`${each.stream} ${each.accountId}`, each]));
  const streams = streamsOf(config);
  return accountsOf(config).flatMap((configured) => {
    const { account, accountId, streams: own } = withStreams(asHeld(configured, held), streams);
    return [...own.values()].map(({ definition, fingerprint }) => {
      const status = byName.get(`${definition.name} ${accountId}`);
      const { open, expiresMs } = partitionStanding({
        stream: definition,
        accountId,
        fingerprint,
        timeZone: account.timeZone ?? 'UTC',
        partition: status?.state,
        startDate: config.start_date,
        nowMs,
      });
      return {
        account_id: accountId,
        stream: definition.name,
        open: open.length,
        missed: status?.missedDates.length ?? 0,
        expiresMs,
      };
    });
  });
}
