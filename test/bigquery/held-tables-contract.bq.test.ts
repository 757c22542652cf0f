import {
  bigqueryUnderTest,
  hasEmulator,
  heldTablesContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('tables that BigQuery has already', () => {
  heldTablesContract(bigqueryUnderTest);
});
