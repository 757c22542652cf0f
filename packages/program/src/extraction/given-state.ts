import { readPartition } from '@traffic-events/slice';
import type { InstantMs, PartitionChange } from '@traffic-events/slice';
import { StateFormatError } from '@traffic-events/source';
import * as z from 'zod';

/** The layout of Meltano's SDK. What else stands in a STATE (`slice`, `slices`, `run`) is left out. */
const singerState = z.object({
  bookmarks: z
    .record(
      z.string(),
      z.object({
        partitions: z
          .array(z.looseObject({ context: z.object({ account_id: z.string() }) }))
          .default([]),
      }),
    )
    .default({}),
});

/**
 * The partitions of a state that the tap is given. Throws StateFormatError for one that cannot be
 * read: it is never silently new.
 */
export function readGivenState(value: unknown, nowMs?: InstantMs): PartitionChange[] {
  const { success, data, error } = singerState.safeParse(value ?? {});
  if (!success) {
    const [issue] = error.issues;
    throw unusable(`${issue?.path.join('.') ?? 'value'}: ${issue?.message ?? 'unreadable'}`);
  }
  return Object.entries(data.bookmarks).flatMap(([stream, { partitions }]) =>
    partitions.map(({ context, ...given }) => {
      const { account_id: accountId } = context;
      const read = readPartition(given, nowMs);
      if ('fault' in read) throw unusable(`${stream} ${accountId}: ${read.fault}`);
      return { stream, accountId, state: read.state };
    }),
  );
}

/** The state as the tap reads it, of partitions that are kept elsewhere. */
export function stateDocument(partitions: readonly PartitionChange[]): object {
  const streams = Map.groupBy(partitions, ({ stream }) => stream);
  const bookmarks = [...streams].map(([stream, ofStream]) => [
    stream,
    {
      partitions: ofStream.map(({ accountId, state }) => ({
        context: { account_id: accountId },
        ...state,
      })),
    },
  ]);
  return { bookmarks: Object.fromEntries(bookmarks) as object };
}

function unusable(fault: string): StateFormatError {
  return new StateFormatError(
    `The state is not one of this tap: ${fault}. ` +
      'Pass the last state that the target wrote, or none to extract again what the API still has.',
  );
}
