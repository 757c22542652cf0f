import { TrafficEventsError } from './traffic-events-error.ts';

/** An option or argument is wrong; nothing was sent. */
export class ConfigurationError extends TrafficEventsError {
  override readonly name = 'ConfigurationError' as const;
  readonly code = 'configuration' as const;
  readonly action = 'fatal' as const;
}
