import { TrafficEventsError } from './traffic-events-error.ts';

/** None of the list endpoints that are known of answered with a list. */
export class ListUnavailableError extends TrafficEventsError {
  override readonly name = 'ListUnavailableError' as const;
  readonly code = 'list_unavailable' as const;
  readonly action = 'skippable' as const;
}
