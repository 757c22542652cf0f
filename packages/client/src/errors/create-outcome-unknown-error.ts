import { TrafficEventsError } from './traffic-events-error.ts';
import type { ErrorDetails } from './traffic-events-error.ts';

/**
 * The answer to a create was lost and the execution could not be looked up. It may be running and
 * may hold a slot of the account: do not ask for the same thing again in this run.
 */
export class CreateOutcomeUnknownError extends TrafficEventsError {
  override readonly name = 'CreateOutcomeUnknownError' as const;
  readonly code = 'create_outcome_unknown' as const;
  readonly action = 'skippable' as const;
  /** The workflowId that the orphan carries, if there is one. */
  readonly workflowId: string;

  constructor(message: string, details: ErrorDetails & { readonly workflowId: string }) {
    super(message, details);
    this.workflowId = details.workflowId;
  }
}
