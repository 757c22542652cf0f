/** Where this package reports what it does by itself. pino fits. */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const ignore = () => {};

export const silentLogger: Logger = Object.freeze({ info: ignore, warn: ignore });
