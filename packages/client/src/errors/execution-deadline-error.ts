import { TrafficEventsError } from './traffic-events-error.ts';

/** The execution had not ended by the caller's deadline; it still holds its slot. */
export class ExecutionDeadlineError extends TrafficEventsError {
  override readonly name = 'ExecutionDeadlineError' as const;
  readonly code = 'execution_deadline' as const;
  readonly action = 'retriable' as const;
}
