import {
  bigqueryUnderTest,
  hasEmulator,
  upgradeContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('BigQuery of another version', () => {
  upgradeContract(bigqueryUnderTest);
});
