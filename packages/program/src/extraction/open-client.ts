import { TrafficEventsClient } from '@traffic-events/client';
import type { Clock, Logger } from '@traffic-events/client';

import type { CredentialSettings, ExtractionSettings } from '../settings/extraction-settings.ts';

/** Who asks the API, and on which clock. */
export interface ClientUser {
  /** Name and version, as they stand behind the client's own in User-Agent. */
  readonly program: string;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

type ClientSettings = Pick<
  ExtractionSettings,
  | 'api_url'
  | 'token_url'
  | 'max_active_executions'
  | 'max_download_bytes'
  | 'download_timeout'
  | 'captures'
  | 'proxy'
  | 'no_proxy'
>;

/** The API as the settings describe it; the caller closes it. */
export function openClient(
  credentials: CredentialSettings,
  settings: ClientSettings,
  { program, version, clock, logger }: ClientUser,
): TrafficEventsClient {
  return new TrafficEventsClient({
    clientId: credentials.client_id,
    clientSecret: credentials.client_secret,
    refreshToken: credentials.refresh_token,
    apiUrl: settings.api_url,
    tokenUrl: settings.token_url,
    maxActiveExecutions: settings.max_active_executions,
    maxDownloadBytes: settings.max_download_bytes,
    downloadTimeoutMs: settings.download_timeout,
    captureDirectory: settings.captures,
    proxyUrl: settings.proxy,
    noProxy: settings.no_proxy,
    userAgentSuffix: `${program}/${version}`,
    clock,
    logger,
  });
}
