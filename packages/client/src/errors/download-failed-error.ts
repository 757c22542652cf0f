import { TrafficEventsError } from './traffic-events-error.ts';

/** The result could not be fetched whole within the retry budget; no file is left behind. */
export class DownloadFailedError extends TrafficEventsError {
  override readonly name = 'DownloadFailedError' as const;
  readonly code = 'download_failed' as const;
  readonly action = 'retriable' as const;
}
