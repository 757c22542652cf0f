import {
  auditContract,
  bigqueryUnderTest,
  hasEmulator,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('what BigQuery holds', () => {
  auditContract(bigqueryUnderTest);
});
