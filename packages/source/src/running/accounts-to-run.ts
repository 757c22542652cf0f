import type { Account, Logger, TrafficEventsClient } from '@traffic-events/client';
import type { PartitionChange } from '@traffic-events/slice';

import {
  acceptedChanges,
  refuseOtherZones,
  refuseUnknownAcceptance,
} from '../planning/definitions.ts';
import { accountIdsOf, asHeld } from '../state/held-accounts.ts';
import { renameDefinitions } from '../state/renamed-definition.ts';
import type { AcceptOptions } from '../planning/definitions.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { withStreams } from '../streams/account-streams.ts';
import type { AccountToRun } from './account-run.ts';

/** Whom a run is about, and what it starts from. */
interface AccountOptions {
  readonly client: Pick<TrafficEventsClient, 'apiTimeMs'>;
  readonly accounts: readonly Account[];
  readonly streams: readonly StreamDefinition[];
  readonly state: readonly PartitionChange[];
  readonly accept?: AcceptOptions | undefined;
  readonly logger?: Logger | undefined;
}

/** The accounts with their streams; refuses what must not be mixed with what the state is about. */
export function accountsToRun(options: AccountOptions): {
  readonly accounts: readonly AccountToRun[];
  readonly state: readonly PartitionChange[];
} {
  const { accept, client } = options;
  const held = accountIdsOf(options.state);
  const accounts = options.accounts.map((account) =>
    withStreams(asHeld(account, held), options.streams),
  );
  refuseOtherZones(accounts, options.state);
  refuseUnknownAcceptance(accept, accounts);
  const { changes, state } = renameDefinitions(accounts, options.state);
  for (const { accountId, leftOut } of accounts) {
    for (const stream of leftOut) {
      const reason = 'templated reports have UTC days only, and the account has a time zone';
      options.logger?.warn({ account_id: accountId, stream, reason }, 'stream.left_out');
    }
  }
  const toRun = accounts.map((account) => ({
    ...account,
    renamed: changes.filter(({ accountId }) => accountId === account.accountId),
    accepted: acceptedChanges(account, state, accept, client.apiTimeMs()),
  }));
  return { accounts: toRun, state };
}
