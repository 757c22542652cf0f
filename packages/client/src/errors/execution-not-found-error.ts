import { TrafficEventsError } from './traffic-events-error.ts';
import type { ErrorDetails } from './traffic-events-error.ts';

/** The API does not know the execution. */
export class ExecutionNotFoundError extends TrafficEventsError {
  override readonly name = 'ExecutionNotFoundError' as const;
  readonly code = 'execution_not_found' as const;
  readonly action = 'skippable' as const;
  /** False when the 404 is not in the API's own words: any server can say that. */
  readonly isCertain: boolean;

  constructor(message: string, details: ErrorDetails & { readonly isCertain: boolean }) {
    super(message, details);
    this.isCertain = details.isCertain;
  }
}
