import { TrafficEventsError } from './traffic-events-error.ts';
import type { ErrorDetails } from './traffic-events-error.ts';

/** The API answered 429 or 5xx until the retry budget was spent. */
export class ServiceUnavailableError extends TrafficEventsError {
  override readonly name = 'ServiceUnavailableError' as const;
  readonly code = 'service_unavailable' as const;
  readonly action = 'retriable' as const;
  /** True when the request may have taken effect all the same: every 5xx, never 429. */
  readonly mayHaveSucceeded: boolean;

  constructor(message: string, details: ErrorDetails & { readonly mayHaveSucceeded: boolean }) {
    super(message, { ...details, unreachable: true });
    this.mayHaveSucceeded = details.mayHaveSucceeded;
  }
}
