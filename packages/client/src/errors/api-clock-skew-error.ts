import { TrafficEventsError } from './traffic-events-error.ts';

/** The API's clock and ours differ by more than five minutes, so nothing can be dated. */
export class ApiClockSkewError extends TrafficEventsError {
  override readonly name = 'ApiClockSkewError' as const;
  readonly code = 'clock_skew' as const;
  readonly action = 'fatal' as const;
}
