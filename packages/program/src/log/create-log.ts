import type { Logger } from '@traffic-events/client';
import { destination, pino } from 'pino';
import type { DestinationStream } from 'pino';

/** Names under which a secret never reaches a log line, whatever is handed in. */
const SECRETS = ['client_secret', 'refresh_token', 'access_token', 'password', 'authorization'];

export interface LogOptions {
  /** What is less important is left out; `info` unless set. */
  readonly level?: 'info' | 'warn';
  /** Where the lines of JSON go; standard error unless set. */
  readonly stream?: DestinationStream;
}

/**
 * A JSON object a line, alike in every program: `{"level": "info", "time": "2026-01-31T06:00:00.000Z",
 * "event": "slice.loaded", …}` and the fields of the event.
 */
export function createLog({ level = 'info', stream }: LogOptions = {}): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: SECRETS.flatMap((name) => [name, `*.${name}`]),
    },
    stream ?? standardError(),
  );
}

/** Whoever read it may go away, a terminal or a pipe: that ends no run. */
export function standardError(): DestinationStream {
  const stream = destination({ dest: 2, sync: true });
  stream.on('error', () => {});
  return stream;
}
