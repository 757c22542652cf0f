import {
  auditContract,
  bigqueryUnderTest,
  hasEmulator,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('what BigQuery holds', () => {
  auditContract(bigqueryUnderTest);
});
