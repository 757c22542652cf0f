import { TrafficEventsError } from './traffic-events-error.ts';

/** The credentials are good, but have no access to this account. */
export class AccessDeniedError extends TrafficEventsError {
  override readonly name = 'AccessDeniedError' as const;
  readonly code = 'access_denied' as const;
  readonly action = 'skippable' as const;
}
