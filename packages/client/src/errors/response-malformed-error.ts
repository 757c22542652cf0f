import { TrafficEventsError } from './traffic-events-error.ts';

/** The API answered with success, but its body is not what it should be. */
export class ResponseMalformedError extends TrafficEventsError {
  override readonly name = 'ResponseMalformedError' as const;
  readonly code = 'response_malformed' as const;
  readonly action = 'retriable' as const;
  readonly mayHaveSucceeded = true;
}
