import type { RefusedOutcome } from '@traffic-events/slice';
import { DataRefusedError, StreamSchemaError, StreamTableError } from '../errors.ts';

/** What a sink answers for a slice that failed so; undefined where it was not the slice's fault. */
export function refusedOutcome(error: unknown): RefusedOutcome | undefined {
  if (error instanceof StreamSchemaError || error instanceof StreamTableError)
    return { kind: 'refused', reason: error.message };
  if (!(error instanceof DataRefusedError)) return undefined;
  return { kind: 'refused', reason: error.message, row: error.row };
}
