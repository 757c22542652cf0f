import {
  bigqueryUnderTest,
  hasEmulator,
  upgradeContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('BigQuery of another version', () => {
  upgradeContract(bigqueryUnderTest);
});
