import type { Capabilities } from '../capabilities.ts';
import { copyText } from './load/copy-text.ts';
import { POSTGRES_NAMES } from './tables/table-sql.ts';

/** What is PostgreSQL's own. */
export const POSTGRES: Capabilities = {
  names: POSTGRES_NAMES,
  hasSchemas: true,
  maxWaitingCharacters: 0,
  gathersDeliveries: false,
  leases: {
    timings: { heartbeatMs: 5000, staleAfterMs: 60_000, busyWaitMs: 3000 },
    pollMs: 100,
  },
  textOf: copyText,
};
