import { LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import type { StreamDescription } from '@traffic-events/slice';

import type { AccountWithStreams } from './account-streams.ts';
import { describeStream } from './stream-schema.ts';
import type { StreamDefinition } from './stream.ts';

/** The streams that any account is asked for, and the ledger. */
export function describeStreams(accounts: readonly AccountWithStreams[]): StreamDescription[] {
  const asked = new Map<string, StreamDefinition>();
  for (const { streams } of accounts) {
    for (const [name, { definition }] of streams) asked.set(name, definition);
  }
  return [...[...asked.values()].map(describeStream), ledgerDescription];
}

/** The ledger as it is described to a sink. */
export const ledgerDescription: StreamDescription = {
  stream: LEDGER_STREAM,
  schema: LEDGER_SCHEMA,
  keyProperties: [...LEDGER_KEY_PROPERTIES],
};
