import {
  bigqueryUnderTest,
  hasEmulator,
  readingContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('what is read of BigQuery', () => {
  readingContract(bigqueryUnderTest);
});
