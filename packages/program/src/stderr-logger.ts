import type { Logger } from './logger.ts';

/** Log lines on standard error, one JSON object each; standard output is for states alone. */
export const stderrLogger: Logger = {
  info: (fields, event) => write('info', event, fields),
  warn: (fields, event) => write('warn', event, fields),
};

function write(level: string, event: string, fields: object): void {
  const line = { time: new Date().toISOString(), level, event, ...fields };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
