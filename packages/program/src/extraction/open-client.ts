import { TrafficEventsClient } from '@traffic-events/client';
import type { ClientOptions, Clock, Logger } from '@traffic-events/client';

import type { CredentialSettings, ExtractionSettings } from '../settings/extraction-settings.ts';

/** Who asks the API, and on which clock. */
export interface ClientUser {
  /** Name and version, as they stand behind the client's own in User-Agent. */
  readonly program: string;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Instead of the setting `max_outage`, in ms of the clock. */
  readonly maxOutageMs?: number | undefined;
}

type ClientSettings = Pick<
  ExtractionSettings,
  | 'api_url'
  | 'token_url'
  | 'max_active_executions'
  | 'max_download_bytes'
  | 'download_timeout'
  | 'captures'
  | 'max_outage'
  | 'proxy'
  | 'no_proxy'
>;

/** The API as the settings describe it; the caller closes it. */
export function openClient(
  credentials: CredentialSettings,
  settings: ClientSettings,
  { program, version, clock, logger, ...user }: ClientUser,
): TrafficEventsClient {
  const maxOutageMs = user.maxOutageMs ?? settings.max_outage;
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
    ...(maxOutageMs === undefined ? {} : patience(maxOutageMs)),
    proxyUrl: settings.proxy,
    noProxy: settings.no_proxy,
    userAgentSuffix: `${program}/${version}`,
    clock,
    logger,
  });
}

/** Shorter silences are common, and a create that is given up too soon has to be looked for. */
const SHORTEST_SILENCE_MS = 10_000;
const LONGEST_SILENCE_MS = 60_000;

/** A peer that says nothing is not waited for much longer than one that cannot be reached. */
function patience(maxOutageMs: number): Pick<ClientOptions, 'requestTimeoutMs' | 'retry'> {
  const silenceMs = Math.max(SHORTEST_SILENCE_MS, maxOutageMs);
  return { requestTimeoutMs: Math.min(silenceMs, LONGEST_SILENCE_MS), retry: { maxOutageMs } };
}
