import {
  bigqueryUnderTest,
  hasEmulator,
  readingContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('what is read of BigQuery', () => {
  readingContract(bigqueryUnderTest);
});
