import { TrafficEventsError } from './traffic-events-error.ts';

/** The API refused the request as wrong; sending it again cannot help. */
export class RequestRefusedError extends TrafficEventsError {
  override readonly name = 'RequestRefusedError' as const;
  readonly code = 'request_refused' as const;
  readonly action = 'skippable' as const;
}
