import { TrafficEventsError } from './traffic-events-error.ts';

/** SQL that cannot run: not sent. The message names line and column. */
export class SqlRefusedError extends TrafficEventsError {
  override readonly name = 'SqlRefusedError' as const;
  readonly code = 'sql_refused' as const;
  readonly action = 'skippable' as const;
}
