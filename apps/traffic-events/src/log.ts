import type { Logger } from '@traffic-events/client';
import { createLog, standardError } from '@traffic-events/program';
import { build as prettyStream } from 'pino-pretty';

export type LogFormat = 'text' | 'json';

/** Logs to standard error: plain lines for people, or a JSON object a line for machines. */
export function openLog(format: LogFormat, level: 'info' | 'warn' = 'info'): Logger {
  return createLog({ level, ...(format === 'json' ? {} : { stream: plainLines() }) });
}

function plainLines() {
  return prettyStream({
    destination: standardError(),
    colorize: process.stderr.isTTY && process.stderr.hasColors(),
    singleLine: true,
    messageKey: 'event',
    translateTime: 'SYS:HH:MM:ss',
  });
}
