/** Fields of a log line: slices name their stream, account_id, event_date and execution_id. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where every package reports what it does by itself: fields first, then what happened, in words or
 * as the name of an event (run.planned, slice.loaded). pino and console fit.
 */
export interface Logger {
  debug(fields: LogFields, event: string): void;
  info(fields: LogFields, event: string): void;
  warn(fields: LogFields, event: string): void;
  error(fields: LogFields, event: string): void;
}

const ignore = () => {};

export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
});
