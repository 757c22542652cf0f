/** Fields of a log line: slices name their stream, account_id, event_date and execution_id. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where progress goes. Events: run.planned, slice.created, slice.loaded, slice.kept, … run.done. */
export interface Logger {
  debug(event: string, fields: LogFields): void;
  info(event: string, fields: LogFields): void;
  warn(event: string, fields: LogFields): void;
  error(event: string, fields: LogFields): void;
}

const ignore = () => {};

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
