import {
  bigqueryUnderTest,
  hasEmulator,
  leaseContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('leases in BigQuery', () => {
  leaseContract(bigqueryUnderTest);
});
