import { cleanIdentifier, cleanText } from '../text/clean-text.ts';

/** Several findings of a linter fit; what an answer can say was cut before. */
const MAX_MESSAGE_LENGTH = 8_000;

/**
 * What to do about an error: `fatal` stops the program until someone acts; `retriable` may succeed
 * if the same thing is asked for later; `skippable` never succeeds, but says nothing about the rest.
 */
export type ErrorAction = 'fatal' | 'retriable' | 'skippable';

export type ErrorCode =
  | 'access_denied'
  | 'capacity'
  | 'clock_skew'
  | 'configuration'
  | 'connection'
  | 'create_outcome_unknown'
  | 'credentials_refused'
  | 'csv_cell'
  | 'csv_format'
  | 'disk'
  | 'download_failed'
  | 'download_too_large'
  | 'execution_deadline'
  | 'execution_denied'
  | 'execution_not_found'
  | 'list_unavailable'
  | 'request_refused'
  | 'response_malformed'
  | 'service_unavailable'
  | 'sql_refused';

export interface ErrorDetails {
  readonly cause?: unknown;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  /** `x-amzn-RequestId` or `x-amz-rid` of the answer: what Amazon's support asks for. */
  readonly requestId?: string | undefined;
  /** See `TrafficEventsError.unreachable`. */
  readonly unreachable?: boolean | undefined;
}

/** Base of every error that this package throws. Messages hold no secrets, and are one clean line. */
export abstract class TrafficEventsError extends Error {
  /** Stable; tell errors apart by it. */
  abstract readonly code: ErrorCode;
  abstract readonly action: ErrorAction;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /**
   * True when the network, the proxy or the service as a whole was at fault: no connection, no whole
   * answer, 429, 5xx, or an answer that is not the API's. It says nothing about what was asked for,
   * and whatever else is asked now will most likely fail as well.
   */
  readonly unreachable: boolean;

  constructor(message: string, details: ErrorDetails = {}) {
    super(
      cleanText(message, MAX_MESSAGE_LENGTH),
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.status = details.status;
    this.requestId =
      details.requestId === undefined ? undefined : cleanIdentifier(details.requestId);
    this.unreachable = details.unreachable ?? false;
  }
}
