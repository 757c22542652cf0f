import { TrafficEventsClient } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import type { pino } from 'pino';

import { version } from './about.ts';
import type { TapSettings } from './settings.ts';

/** The client that the settings describe. */
export function clientOf(settings: TapSettings, clock: Clock, log: pino.Logger) {
  return new TrafficEventsClient({
    clientId: settings.client_id,
    clientSecret: settings.client_secret,
    refreshToken: settings.refresh_token,
    apiUrl: settings.api_url,
    tokenUrl: settings.token_url,
    maxActiveExecutions: settings.max_active_executions,
    userAgentSuffix: `tap-traffic-events/${version}`,
    clock,
    logger: log,
  });
}
