import {
  bigqueryUnderTest,
  hasEmulator,
  unrulyTapContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('messages of an unruly tap into BigQuery', () => {
  unrulyTapContract(bigqueryUnderTest);
});
