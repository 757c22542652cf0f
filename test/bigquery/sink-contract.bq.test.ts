import {
  bigqueryUnderTest,
  hasEmulator,
  sinkContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('results into BigQuery', () => {
  sinkContract(bigqueryUnderTest);
});
