import {
  bigqueryUnderTest,
  hasEmulator,
  messagesContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

describe.runIf(isThorough && hasEmulator())('slices as Singer messages into BigQuery', () => {
  messagesContract(bigqueryUnderTest);
});
