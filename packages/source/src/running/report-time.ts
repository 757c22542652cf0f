import { ApiClockSkewError } from '@traffic-events/client';
import type { InstantMs } from '@traffic-events/slice';

import type { RunContext } from './run-context.ts';

/** API time; our own where both are so far apart that it is in doubt. For reports only. */
export function reportTimeMs({ client, clock }: Pick<RunContext, 'client' | 'clock'>): InstantMs {
  try {
    return client.apiTimeMs();
  } catch (error) {
    if (!(error instanceof ApiClockSkewError)) throw error;
    return clock.now();
  }
}
