import { TrafficEventsError } from './traffic-events-error.ts';
import type { ErrorDetails } from './traffic-events-error.ts';

/** The connection could not be made, broke, or stayed silent for too long. */
export class ConnectionError extends TrafficEventsError {
  override readonly name = 'ConnectionError' as const;
  readonly code = 'connection' as const;
  readonly action = 'retriable' as const;
  /** False when not a byte of the request went out, so that nothing can have happened. */
  readonly mayHaveSucceeded: boolean;

  constructor(message: string, details: ErrorDetails & { readonly mayHaveSucceeded: boolean }) {
    super(message, { ...details, unreachable: true });
    this.mayHaveSucceeded = details.mayHaveSucceeded;
  }
}
