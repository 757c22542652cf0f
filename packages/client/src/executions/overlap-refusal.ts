import type { WorkflowExecution } from '../execution.ts';

/**
 * True when the API refused to run because too many queries have read the same data in overlapping
 * windows. Asking again soon makes it worse.
 */
export function isOverlapRefusal(execution: Pick<WorkflowExecution, 'state' | 'reason'>): boolean {
  return (
    execution.state === 'failed' &&
    /too many workflows have already been run against the same input data/i.test(
      execution.reason ?? '',
    )
  );
}
