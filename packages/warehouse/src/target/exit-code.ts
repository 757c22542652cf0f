import { SettingsError } from '@traffic-events/singer';
import { LeaseBusyError, WarehouseError } from '../errors.ts';

/** Exit codes of the targets, as all programs of the project use them. */
export const EXIT = {
  done: 0,
  fault: 1,
  configuration: 2,
  warehouse: 4,
  busy: 7,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit code of an error that ended a target. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT.configuration;
  if (error instanceof LeaseBusyError) return EXIT.busy;
  if (error instanceof WarehouseError) {
    return error.code.startsWith('WAREHOUSE_') || error.code.startsWith('LEASE_')
      ? EXIT.warehouse
      : EXIT.fault;
  }
  return EXIT.fault;
}
