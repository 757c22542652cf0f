import {
  bigqueryUnderTest,
  hasEmulator,
  messagesContract,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe } from 'vitest';

describe.skipIf(!hasEmulator())('slices as Singer messages into BigQuery', () => {
  messagesContract(bigqueryUnderTest);
});
