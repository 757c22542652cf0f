import { TrafficEventsError } from './traffic-events-error.ts';

/** The API refuses these credentials access to this account. */
export class AccessDeniedError extends TrafficEventsError {
  override readonly name = 'AccessDeniedError' as const;
  readonly code = 'access_denied' as const;
  readonly action = 'skippable' as const;
}
