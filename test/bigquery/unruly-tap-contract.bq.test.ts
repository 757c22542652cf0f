import {
  bigqueryUnderTest,
  hasEmulator,
  unrulyTapContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('messages of an unruly tap into BigQuery', () => {
  unrulyTapContract(bigqueryUnderTest);
});
