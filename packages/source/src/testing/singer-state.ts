import type { PartitionChange, StatePartition } from '@traffic-events/slice';

import { parseSavedStates } from '../state/saved-states.ts';

interface SingerState {
  readonly bookmarks: Readonly<Record<string, { readonly partitions: readonly StatePartition[] }>>;
}

/** The partitions of a state as the tap has written it. */
export function partitionsOfSinger(state: unknown): PartitionChange[] {
  const { bookmarks } = state as SingerState;
  return Object.entries(bookmarks).flatMap(([stream, { partitions }]) =>
    parseSavedStates(
      partitions.map(({ context: { account_id: accountId }, ...state }) => ({
        stream,
        accountId,
        state,
      })),
    ),
  );
}
