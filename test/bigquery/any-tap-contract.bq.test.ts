import {
  anyTapContract,
  bigqueryUnderTest,
  hasEmulator,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('messages of any tap into BigQuery', () => {
  anyTapContract(bigqueryUnderTest);
});
