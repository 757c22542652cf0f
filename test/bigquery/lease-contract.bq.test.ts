import {
  bigqueryUnderTest,
  hasEmulator,
  leaseContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('leases in BigQuery', () => {
  leaseContract(bigqueryUnderTest);
});
