import type { CreateExecutionRequest } from '@traffic-events/client';
import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';
import type { Window } from '@traffic-events/slice';

import type { StreamQuery } from '../streams/stream.ts';

/** The request for one slice. SQL keeps its suppressed rows: they come back flagged. */
export function createRequest(
  query: StreamQuery,
  workflowId: string,
  window: Window,
): CreateExecutionRequest {
  const common = { ...query, workflowId, window };
  return common.kind === 'sql'
    ? { ...common, filteredMetricsDiscriminatorColumn: DISCRIMINATOR_COLUMN }
    : common;
}
