import {
  bigqueryUnderTest,
  hasEmulator,
  refusedRowsContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('rows that BigQuery refuses', () => {
  refusedRowsContract(bigqueryUnderTest);
});
