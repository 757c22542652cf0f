import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { datesBetween, heldAccountId, windowOf } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

import { accountIdsOf } from '../state/held-accounts.ts';
import { lastEventDate } from '../planning/plan-partition.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { sliceTiming } from '../streams/timing.ts';
import type { SliceTiming } from '../streams/timing.ts';
import type { PlayedRun } from './play-run.ts';
import type { PlayedWorld } from './play-world.ts';

export interface JudgedSlice {
  readonly account: Account;
  /** As the warehouse has it, whatever its zone is called by a run. */
  readonly accountId: string;
  readonly stream: StreamDefinition;
  readonly date: EventDate;
  readonly name: string;
  readonly windowEndMs: number;
  readonly timing: SliceTiming;
}

/** Every slice that any run can have wanted. */
export function slicesOf({ planned, runs, sink }: PlayedWorld): JudgedSlice[] {
  const rowIds = sink.ledgerRows.map((row) => row.account_id);
  const ids = [...new Set([...accountIdsOf(sink.savedState), ...rowIds])];
  const from = runs.map(({ plan }) => plan.startDate).sort()[0] ?? '';
  return planned.accounts.flatMap((account) => {
    const accountId = heldAccountId(accountKey(account), ids) ?? accountKey(account);
    const to = lastEventDate(account.timeZone ?? 'UTC', runs.at(-1)?.endedMs ?? 0);
    return planned.definitions[0]
      .filter(({ accountKind }) => accountKind === account.kind)
      .flatMap((stream) =>
        [...datesBetween(from, to)].map((date) => {
          const window = windowOf(date, account.timeZone);
          return {
            account,
            accountId,
            stream,
            date,
            name: `${stream.name} ${accountId} ${date}`,
            windowEndMs: window.endMs,
            timing: sliceTiming(stream.timing, window),
          };
        }),
      );
  });
}

/** Whether a run's configuration asks for a slice that is over as it begins. */
export function isWantedBy({ plan, startedMs }: PlayedRun, slice: JudgedSlice): boolean {
  return plan.startDate <= slice.date && slice.windowEndMs <= startedMs;
}
