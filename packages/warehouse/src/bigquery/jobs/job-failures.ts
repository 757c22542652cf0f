import {
  WarehouseConnectionError,
  DataRefusedError,
  StatementError,
  WarehouseError,
} from '../../errors.ts';

/** The parts of the client's errors that matter; requests and jobs fail in the same form. */
interface Failure {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[] | undefined;
}

const TRANSIENT_STATUS: ReadonlySet<unknown> = new Set([408, 429, 500, 502, 503, 504]);
const TRANSIENT_REASONS: ReadonlySet<string | undefined> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'tableUnavailable',
]);
const NETWORK =
  /^(?:ECONN(?:RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ERR_STREAM_PREMATURE_CLOSE)$/;

/**
 * What BigQuery says when transactions or statements changed one table at the same time; nothing
 * of the loser is kept. https://cloud.google.com/bigquery/docs/transactions#transaction_isolation
 */
const CONFLICT = /concurrent update|could not serialize|transaction is aborted|failed to commit/i;

/** What is refused of one table says nothing of the others: `Access Denied: Table p:d.t: …`. */
const IS_OF_TABLE = /^Access Denied: (?:Table|View) /i;

export function statusOf(error: unknown): number | undefined {
  const { code } = asFailure(error);
  return typeof code === 'number' ? code : undefined;
}

/** Whether a request that failed so may succeed when it is sent again. */
export function isTransient(error: unknown): boolean {
  const { code } = asFailure(error);
  return TRANSIENT_STATUS.has(code) || isNetworkFailure(error) || hasTransientReason(error);
}

/** Whether a job that failed so may succeed under another id. */
export function isJobRetriable(error: unknown): boolean {
  return isConflict(error) || hasTransientReason(error);
}

export function isConflict(error: unknown): boolean {
  return CONFLICT.test(messageOf(error));
}

export function messageOf(error: unknown): string {
  const { message, errors } = asFailure(error);
  const texts = [message, ...(errors ?? []).map((item) => item.message)];
  return [...new Set(texts.filter((text) => typeof text === 'string'))].join(' ');
}

/** An error of the client as one of ours; `where` is `project.dataset`. One of ours stays as it is. */
export function failureOf(error: unknown, where: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const status = statusOf(error);
  const message = messageOf(error);
  const action = isTransient(error) ? 'retriable' : 'fatal';
  if (status === undefined && isNetworkFailure(error)) {
    return new WarehouseConnectionError(
      `BigQuery cannot be reached for ${where}: ${message}. See that the network lets this machine out, and that api_endpoint is right if it is set.`,
      { action, cause: error },
    );
  }
  const sqlState = asFailure(error).errors?.[0]?.reason;
  if (status === 403 && IS_OF_TABLE.test(message)) {
    return new StatementError(
      `BigQuery does not let this account use a table of ${where}: ${message}. Grant it the roles that docs/bigquery.md names on that table, or on its dataset.`,
      { action: 'fatal', sqlState, cause: error },
    );
  }
  const isRefused = status === 401 || (status === 403 && !hasTransientReason(error));
  if (isRefused || isCredentialsFailure(message)) {
    return new WarehouseConnectionError(
      `BigQuery does not let this account use ${where}: ${message}. Grant it the roles that docs/bigquery.md names, or give other credentials.`,
      { action: 'fatal', cause: error },
    );
  }
  return new StatementError(`BigQuery refused a job or request on ${where}: ${message}`, {
    action,
    sqlState,
    cause: error,
  });
}

/** How a load job names rows, or a file of them, that do not fit their table. */
const UNFIT_REASON = 'invalid';

/** A load job that failed: for what is in its rows, or otherwise. */
export function loadFailureOf(error: unknown, where: string): WarehouseError {
  const isUnfit = (asFailure(error).errors ?? []).some(({ reason }) => reason === UNFIT_REASON);
  const isOurs = error instanceof WarehouseError || isTransient(error);
  if (!isUnfit || isOurs) return failureOf(error, where);
  return new DataRefusedError(`BigQuery cannot take a row (${messageOf(error)})`, { cause: error });
}

function isCredentialsFailure(message: string): boolean {
  return /could not load the default credentials|invalid_grant|unable to detect a project/i.test(
    message,
  );
}

function isNetworkFailure(error: unknown): boolean {
  const { code } = asFailure(error);
  return typeof code === 'string' && NETWORK.test(code);
}

function hasTransientReason(error: unknown): boolean {
  return (asFailure(error).errors ?? []).some(({ reason }) => TRANSIENT_REASONS.has(reason));
}

function asFailure(error: unknown): Failure {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}
