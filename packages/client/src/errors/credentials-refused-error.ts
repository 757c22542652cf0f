import { TrafficEventsError } from './traffic-events-error.ts';

/** Login with Amazon refused the refresh token, the client id or the client secret. */
export class CredentialsRefusedError extends TrafficEventsError {
  override readonly name = 'CredentialsRefusedError' as const;
  readonly code = 'credentials_refused' as const;
  readonly action = 'fatal' as const;
}
