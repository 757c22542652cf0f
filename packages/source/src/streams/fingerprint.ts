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

/**
 * The fingerprints that the same definition had when they still went by the types of its columns:
 * with and without the types that are overridden today.
 */
export function formerFingerprints(stream: StreamDefinition, timeZone: string): string[] {
  const { query, columns, declaredColumns = columns } = stream;
  const typed = (read: readonly StreamColumn[]) =>
    hashOf({
      version: 1,
      query,
      columns: read.map(({ name, type, role }) => [name, type, role]),
      timeZone,
    });
  return [...new Set([typed(columns), typed(declaredColumns)])];
}

function hashOf(definition: object): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
}
