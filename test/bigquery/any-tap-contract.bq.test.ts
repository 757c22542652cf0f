import {
  anyTapContract,
  bigqueryUnderTest,
  hasEmulator,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('messages of any tap into BigQuery', () => {
  anyTapContract(bigqueryUnderTest);
});
