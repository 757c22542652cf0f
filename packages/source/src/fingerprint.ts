import { createHash } from 'node:crypto';

import type { StreamDefinition } from './stream.ts';

/** Raised when the meaning of a fingerprint itself changes. */
const FINGERPRINT_VERSION = 1;

/**
 * Hash of what a stream asks for in a time zone: query, columns with their types and roles, zone. 16
 * hexadecimal digits. Descriptions and timings are no part of it: they do not change a result.
 */
export function fingerprintOf(stream: StreamDefinition, timeZone: string): string {
  const definition = {
    version: FINGERPRINT_VERSION,
    query: stream.query,
    columns: stream.columns.map(({ name, type, role }) => [name, type, role]),
    timeZone,
  };
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
}
