import type { StateValue } from '@traffic-events/slice';

import { DefinitionChangedError } from './errors.ts';
import type { AccountWithStreams } from './account-streams.ts';
import { partitionOf } from './state-value.ts';

/** Refuses to mix results of two definitions in one table. */
export function checkDefinitions(accounts: readonly AccountWithStreams[], state: StateValue): void {
  for (const { accountId, streams } of accounts) {
    for (const [name, { fingerprint }] of streams) {
      const before = partitionOf(state, name, accountId)?.fingerprint;
      if (before === undefined || before === fingerprint) continue;
      throw new DefinitionChangedError(
        `Stream ${name} of ${accountId} asks for something else than before: its definition had the fingerprint ` +
          `${before} and now has ${fingerprint}. Put the former columns, query and time zone back, or give the stream another name.`,
      );
    }
  }
}
