import { TrafficEventsError } from '@traffic-events/client';
import { MalformedInputError, SettingsError } from '@traffic-events/singer';
import { SourceError } from '@traffic-events/source';

/** What the exit codes of all programs mean. */
export const EXIT = {
  done: 0,
  fault: 1,
  configuration: 2,
  credentials: 3,
  someFailed: 5,
} as const;

/** The exit code of an error that ended the program. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof SettingsError || error instanceof MalformedInputError) {
    return EXIT.configuration;
  }
  if (error instanceof SourceError && error.action === 'fatal') return EXIT.configuration;
  if (!(error instanceof TrafficEventsError)) return EXIT.fault;
  if (error.code === 'credentials_refused') return EXIT.credentials;
  return error.code === 'configuration' ? EXIT.configuration : EXIT.fault;
}
