import type { RefusedOutcome } from '@traffic-events/slice';
import {
  DataRefusedError,
  StatementError,
  StreamSchemaError,
  StreamTableError,
} from '../errors.ts';

/**
 * What a sink answers for a slice that failed so; undefined where it was not the slice's fault. A
 * statement of its transaction that is refused for good is: were it the warehouse's, the entry of
 * this failure, which comes next, would be refused as well and end the run.
 */
export function refusedOutcome(error: unknown): RefusedOutcome | undefined {
  const isOfTable = error instanceof StreamSchemaError || error instanceof StreamTableError;
  if (isOfTable || (error instanceof StatementError && error.action === 'fatal'))
    return { kind: 'refused', reason: error.message };
  if (!(error instanceof DataRefusedError)) return undefined;
  return { kind: 'refused', reason: error.message, row: error.row };
}
