import type { Capabilities } from '../capabilities.ts';
import { MAX_VALUE_CHARACTERS } from './commit/commit-script.ts';
import { BIGQUERY_NAMES } from './tables/names.ts';

/** What is BigQuery's own. */
export const BIGQUERY: Capabilities = {
  names: BIGQUERY_NAMES,
  hasSchemas: false,
  maxWaitingCharacters: MAX_VALUE_CHARACTERS,
  gathersDeliveries: true,
  // Every heartbeat is a job that is billed, so they are rare.
  leases: {
    timings: { heartbeatMs: 60_000, staleAfterMs: 300_000, busyWaitMs: 5000 },
    pollMs: 500,
  },
  textOf: (field) => String(JSON.parse(field)),
};
