export {
  ACCOUNT,
  CLICKS,
  DATE,
  LEDGER,
  ledgerRow,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
  stateMessage,
} from '../../postgres/testing/slice-fixtures.ts';
export { BigQueryEmulator, EmulatorUnavailableError } from './emulator.ts';
export { hasEmulator, testDataset } from './test-dataset.ts';

export type { TestDataset } from './test-dataset.ts';
export type { SliceFixture } from '../../postgres/testing/slice-fixtures.ts';
