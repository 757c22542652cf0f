import { TrafficEventsError } from './traffic-events-error.ts';

export interface DiskErrorDetails {
  readonly folder: string;
  readonly isFull: boolean;
  readonly cause: unknown;
}

/**
 * A folder of this machine that cannot be written: it has no room, or does not let this program in.
 * What was to be written can be had again once that is mended.
 */
export class DiskError extends TrafficEventsError {
  override readonly name = 'DiskError' as const;
  readonly code = 'disk' as const;
  readonly action = 'retriable' as const;
  readonly folder: string;
  /** It has no room: something smaller may fit. */
  readonly isFull: boolean;

  constructor(message: string, { folder, isFull, cause }: DiskErrorDetails) {
    super(message, { cause });
    this.folder = folder;
    this.isFull = isFull;
  }
}
