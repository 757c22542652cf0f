/** Where this package reports what it does by itself: retries, waits, warnings. pino fits. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const ignore = () => {};

export const silentLogger: Logger = Object.freeze({ debug: ignore, info: ignore, warn: ignore });
