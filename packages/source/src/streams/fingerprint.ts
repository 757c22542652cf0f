import { createHash } from 'node:crypto';

import type { StreamColumn, StreamDefinition } from './stream.ts';

/** Raised when the meaning of a fingerprint itself changes. */
const FINGERPRINT_VERSION = 2;

/**
 * Hash of what the API is asked for in a time zone: query and zone. 16 hexadecimal digits. How a
 * result is read (columns, their types and roles), what it is called and when it is asked for are no
 * part of it: the same result may be read again in another way.
 */
export function fingerprintOf({ query }: StreamDefinition, timeZone: string): string {
  return hashOf({ version: FINGERPRINT_VERSION, query, timeZone });
}

/** Once the service was told to leave out the row of a total that has no events. */
const NO_ROW_OF_NOTHING = ' HAVING COUNT(1) > 0';

/**
 * The fingerprints that the same definition had when they still went by the types of its columns,
 * with and without the types that are overridden today, or when a total was asked for in other words.
 */
export function formerFingerprints(stream: StreamDefinition, timeZone: string): string[] {
  const { query, aggregate, columns, declaredColumns = columns } = stream;
  const typed = (read: readonly StreamColumn[]) =>
    hashOf({
      version: 1,
      query,
      columns: read.map(({ name, type, role }) => [name, type, role]),
      timeZone,
    });
  const worded =
    query.kind === 'sql' && aggregate?.omitsEmpty === true
      ? [{ ...query, sqlQuery: `${query.sqlQuery}${NO_ROW_OF_NOTHING}` }]
      : [];
  const former = worded.map((each) =>
    hashOf({ version: FINGERPRINT_VERSION, query: each, timeZone }),
  );
  return [...new Set([typed(columns), typed(declaredColumns), ...former])];
}

function hashOf(definition: object): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
}
