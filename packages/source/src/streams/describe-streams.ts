import {
  DEFINITIONS_KEY,
  LEDGER_KEY_PROPERTIES,
  LEDGER_SCHEMA,
  LEDGER_STREAM,
} from '@traffic-events/slice';
import type { ExtractedDefinition, StreamDescription } from '@traffic-events/slice';

import type { AccountWithStreams } from './account-streams.ts';
import { describeStream } from './stream-schema.ts';
import type { StreamDefinition } from './stream.ts';

/** The streams that any account is asked for, and the ledger. */
export function describeStreams(accounts: readonly AccountWithStreams[]): StreamDescription[] {
  const asked = new Map<string, Asked>();
  for (const { account, streams } of accounts) {
    for (const [name, { definition, fingerprint }] of streams) {
      const { extracted } = asked.get(name) ?? { extracted: new Map() };
      const timeZone = account.timeZone ?? 'UTC';
      extracted.set(fingerprint, extractedDefinition(definition, fingerprint, timeZone));
      asked.set(name, { definition, extracted });
    }
  }
  const described = [...asked.values()].map(({ definition, extracted }) => {
    const { schema, ...description } = describeStream(definition);
    return { ...description, schema: { ...schema, [DEFINITIONS_KEY]: [...extracted.values()] } };
  });
  return [...described, ledgerDescription];
}

interface Asked {
  readonly definition: StreamDefinition;
  /** By fingerprint: in each time zone it is another. */
  readonly extracted: Map<string, ExtractedDefinition>;
}

function extractedDefinition(
  { query, columns }: StreamDefinition,
  fingerprint: string,
  timeZone: string,
): ExtractedDefinition {
  return {
    fingerprint,
    time_zone: timeZone,
    kind: query.kind === 'sql' ? 'sql' : 'template',
    query: query.kind === 'sql' ? query.sqlQuery : JSON.stringify(query),
    columns: columns.map(({ name, type, role }) => ({ name, type, role })),
  };
}

/** The ledger as it is described to a sink. */
export const ledgerDescription: StreamDescription = {
  stream: LEDGER_STREAM,
  schema: LEDGER_SCHEMA,
  keyProperties: [...LEDGER_KEY_PROPERTIES],
};
