import { windowOf } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import { tailEntry } from '../state/partition.ts';
import type { Standing } from '../planning/patience.ts';
import type { RunContext } from './run-context.ts';
import { sliceTiming } from '../streams/timing.ts';

/** How a slice stands at the moment of the call. */
export function standingOf(
  of: { readonly run: RunContext; readonly progress: AccountProgress; readonly timeZone: string },
  { definition }: AccountStream,
  eventDate: EventDate,
): Standing {
  return {
    entry: tailEntry(of.progress.partition(definition.name), eventDate),
    timing: sliceTiming(definition.timing, windowOf(eventDate, of.timeZone)),
    nowMs: of.run.client.apiTimeMs(),
  };
}
