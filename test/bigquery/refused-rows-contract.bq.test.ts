import {
  bigqueryUnderTest,
  hasEmulator,
  refusedRowsContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('rows that BigQuery refuses', () => {
  refusedRowsContract(bigqueryUnderTest);
});
