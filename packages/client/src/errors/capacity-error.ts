import { TrafficEventsError } from './traffic-events-error.ts';

/** The account's active executions are at the limit. Thrown once the wait for a slot is over. */
export class CapacityError extends TrafficEventsError {
  override readonly name = 'CapacityError' as const;
  readonly code = 'capacity' as const;
  readonly action = 'retriable' as const;
}
