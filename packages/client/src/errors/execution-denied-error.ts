import { TrafficEventsError } from './traffic-events-error.ts';

/**
 * The API refuses to tell of one execution, though it serves its account otherwise: this passes
 * (status calls are known to be refused for no reason), or it is the execution's own matter.
 */
export class ExecutionDeniedError extends TrafficEventsError {
  override readonly name = 'ExecutionDeniedError' as const;
  readonly code = 'execution_denied' as const;
  readonly action = 'retriable' as const;
}
