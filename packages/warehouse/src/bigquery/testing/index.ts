export {
  ACCOUNT,
  CLICKS,
  DATE,
  LEDGER,
  ledgerRow,
  partitionChange,
  RUN,
  schemaMessage,
  sliceMessages,
  sliceResult,
  stateMessage,
} from '../../testing/slice-fixtures.ts';
export { anyTapContract } from '../../testing/contract/any-tap.contract.ts';
export { auditContract } from '../../testing/contract/audit.contract.ts';
export { heldTablesContract } from '../../testing/contract/held-tables.contract.ts';
export { leaseContract } from '../../testing/contract/lease.contract.ts';
export { sinkContract } from '../../testing/contract/sink.contract.ts';
export { upgradeContract } from '../../testing/contract/upgrade.contract.ts';
export { messagesContract } from '../../testing/contract/messages.contract.ts';
export { readingContract } from '../../testing/contract/reading.contract.ts';
export { refusedRowsContract } from '../../testing/contract/refused-rows.contract.ts';
export { unrulyTapContract } from '../../testing/contract/unruly-tap.contract.ts';
export { bigqueryUnderTest } from './bigquery-under-test.ts';
export { emulatorPython } from './emulator-environment.ts';
export { BigQueryEmulator } from './emulator.ts';
export { generatedStatements } from './generated-statements.ts';
export { loadLines } from './load-lines.ts';
export { makeOnce } from './make-once.ts';
export { RefusingProxy } from './refusing-proxy.ts';
export { hasEmulator, testDataset } from './test-dataset.ts';
export {
  comparable,
  VIEW_CASES,
  VIEW_CLOCK,
  VIEW_CURRENCIES,
  VIEW_RATES,
} from '../../views/testing/view-cases.ts';
export { fixtureInserts, fixtureStreams } from '../../views/testing/view-fixture.ts';
export { fixtureRelations } from './view-relations.ts';

export type { LoadOutcome } from '../../testing/load-outcome.ts';
export type { TestDataset } from './test-dataset.ts';
export type { SliceFixture } from '../../testing/slice-fixtures.ts';
