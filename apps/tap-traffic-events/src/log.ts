import type { Logger } from '@traffic-events/source';
import { destination, pino } from 'pino';

/** Names under which a secret never reaches a log line, whatever is handed in. */
const SECRETS = ['client_secret', 'refresh_token', 'access_token', 'authorization'];

/** JSON lines on standard error: standard output carries messages only. */
export function createLogger(): { readonly logger: Logger; readonly pino: pino.Logger } {
  const log = pino(
    { level: 'info', base: null, redact: SECRETS.flatMap((name) => [name, `*.${name}`]) },
    destination({ dest: 2, sync: true }),
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
