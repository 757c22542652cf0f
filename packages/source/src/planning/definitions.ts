import { otherZoneOf } from '@traffic-events/slice';
import type { EventDate, InstantMs, PartitionChange } from '@traffic-events/slice';

import { acceptDefinition } from './accept-definition.ts';
import type { Acceptance, AcceptedDefinition } from './accept-definition.ts';
import type { AccountStream, AccountWithStreams } from '../streams/account-streams.ts';
import { DefinitionChangedError, StreamConfigError } from '../errors.ts';
import { accountIdsOf } from '../state/held-accounts.ts';
import { firstReachableDate } from './plan-partition.ts';
import { partitionOf } from '../state/saved-states.ts';

/** Streams whose changed definition the user accepts. */
export interface AcceptOptions {
  readonly streams: readonly string[];
  readonly acceptance: Acceptance;
}

/** A change that was accepted, before it has been told to the sink. */
export interface AcceptedChange extends AcceptedDefinition {
  readonly formerFingerprint: string;
}

/**
 * The accepted changes of an account's streams. Throws DefinitionChangedError for one that was not
 * accepted: results of two definitions are never mixed unasked.
 */
export function acceptedChanges(
  { account, accountId, streams }: AccountWithStreams,
  state: readonly PartitionChange[],
  accept: AcceptOptions | undefined,
  nowMs: InstantMs,
): ReadonlyMap<string, AcceptedChange> {
  const changes = new Map<string, AcceptedChange>();
  for (const [name, stream] of streams) {
    const partition = partitionOf(state, name, accountId);
    if (partition === undefined || partition.fingerprint === stream.fingerprint) continue;
    if (accept === undefined || !accept.streams.includes(name)) {
      throw changedError(name, accountId, partition.fingerprint, stream);
    }
    const { timing } = stream.definition;
    const reach: EventDate = firstReachableDate(timing, account.timeZone ?? 'UTC', nowMs);
    changes.set(name, {
      ...acceptDefinition(partition, stream.fingerprint, accept.acceptance, reach),
      formerFingerprint: partition.fingerprint,
    });
  }
  return changes;
}

function changedError(
  name: string,
  accountId: string,
  former: string,
  { fingerprint }: AccountStream,
): DefinitionChangedError {
  return new DefinitionChangedError(
    `Stream ${name} of ${accountId} asks for something else than before: its query or its time zone has changed ` +
      `(fingerprint ${former} before, ${fingerprint} now). Put the former definition back, or accept the new one with ` +
      `--accept-definition ${name} (setting accept_definition of the tap): it then holds from the next event date on, and dates that have a whole copy keep it. ` +
      `Add --reextract to extract again, by the new definition, what the API still has.`,
  );
}

/**
 * Refuses an account that has a state in another time zone, and two zones of one account: its event
 * dates would begin at other instants, so that events would be counted twice or not at all.
 */
export function refuseOtherZones(
  accounts: readonly AccountWithStreams[],
  state: readonly PartitionChange[],
): void {
  const configured = accounts.map(({ accountId }) => accountId);
  const known = accountIdsOf(state);
  for (const accountId of configured) {
    const twin = otherZoneOf(accountId, configured);
    if (twin !== undefined) {
      throw new DefinitionChangedError(
        `accounts: ${accountId} and ${twin} are one account in two time zones. Both in the same tables count every event twice. Keep the one that was extracted before, if either was.`,
      );
    }
    const former = known.includes(accountId) ? undefined : otherZoneOf(accountId, known);
    if (former === undefined) continue;
    throw new DefinitionChangedError(
      `accounts: ${accountId} was extracted as ${former} before. An account's time zone is chosen for good, because event dates that begin ` +
        `at other instants would count events twice or not at all. Put the former time_zone back, or start over with a new schema and state.`,
    );
  }
}

/** A name that accepts nothing would leave the change, and the stream, as they are. */
export function refuseUnknownAcceptance(
  accept: AcceptOptions | undefined,
  accounts: readonly AccountWithStreams[],
): void {
  const known = new Set(accounts.flatMap(({ streams }) => [...streams.keys()]));
  const unknown = accept?.streams.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new StreamConfigError(
    `accept_definition names ${unknown}, which no account is asked for; use one of ${[...known].join(', ')}.`,
  );
}
