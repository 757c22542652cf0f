import { TrafficEventsError } from './traffic-events-error.ts';

/** The API does not know the execution. */
export class ExecutionNotFoundError extends TrafficEventsError {
  override readonly name = 'ExecutionNotFoundError' as const;
  readonly code = 'execution_not_found' as const;
  readonly action = 'skippable' as const;
}
