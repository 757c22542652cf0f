import { TrafficEventsError } from './traffic-events-error.ts';

/** The result is larger than `maxDownloadBytes`. */
export class DownloadTooLargeError extends TrafficEventsError {
  override readonly name = 'DownloadTooLargeError' as const;
  readonly code = 'download_too_large' as const;
  readonly action = 'skippable' as const;
}
