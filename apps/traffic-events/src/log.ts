import type { Logger } from '@traffic-events/source';
import { destination, pino } from 'pino';
import { build as prettyStream } from 'pino-pretty';

export type LogFormat = 'text' | 'json';

/** Names under which a secret never reaches a log line, whatever is handed in. */
const SECRETS = ['client_secret', 'refresh_token', 'access_token', 'password', 'authorization'];

export interface Log {
  /** As packages log by themselves: fields first, then the message. */
  readonly pino: pino.Logger;
  /** As the source logs: event first, then its fields. */
  readonly logger: Logger;
}

/** Logs to standard error: plain lines for people, or a JSON object a line for machines. */
export function createLog(format: LogFormat, level: 'info' | 'warn' = 'info'): Log {
  const options = { level, base: null, redact: SECRETS.flatMap((name) => [name, `*.${name}`]) };
  const log = pino(
    options,
    format === 'json' ? destination({ dest: 2, sync: true }) : plainLines(),
  );
  return {
    pino: log,
    logger: {
      debug: (event, fields) => log.debug(fields, event),
      info: (event, fields) => log.info(fields, event),
      warn: (event, fields) => log.warn(fields, event),
      error: (event, fields) => log.error(fields, event),
    },
  };
}

function plainLines() {
  return prettyStream({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  });
}
