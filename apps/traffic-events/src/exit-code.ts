import { TrafficEventsError } from '@traffic-events/client';
import { SourceError } from '@traffic-events/source';
import { SettingsError } from '@traffic-events/simulator';
import { WarehouseError } from '@traffic-events/warehouse';
import { ConfigError } from './config-error.ts';

/** What a scheduler can act on. */
export const EXIT = {
  done: 0,
  fault: 1,
  configuration: 2,
  credentials: 3,
  warehouse: 4,
  slicesFailed: 5,
  dateAtRisk: 6,
  busy: 7,
} as const;

/** For `--help`. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  done                                5  some slices failed; run again
  1  a fault of the program              6  a date is at risk or newly lost
  2  the configuration is wrong          7  busy: another run holds an account
  3  Login with Amazon refused           130, 143  interrupted by Ctrl-C, SIGTERM
  4  the warehouse cannot be used`;

/** The exit code of an error that ended the program. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof ConfigError || error instanceof SettingsError) return EXIT.configuration;
  if (error instanceof WarehouseError)
    return error.code === 'LEASE_BUSY' ? EXIT.busy : EXIT.warehouse;
  if (error instanceof SourceError)
    return error.action === 'fatal' ? EXIT.configuration : EXIT.fault;
  if (!(error instanceof TrafficEventsError)) return EXIT.fault;
  if (error.code === 'credentials_refused') return EXIT.credentials;
  return error.code === 'configuration' ? EXIT.configuration : EXIT.fault;
}
