import {
  bigqueryUnderTest,
  hasEmulator,
  heldTablesContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('tables that BigQuery has already', () => {
  heldTablesContract(bigqueryUnderTest);
});
