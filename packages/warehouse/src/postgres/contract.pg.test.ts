import { describe } from 'vitest';
import { anyTapContract } from '../testing/contract/any-tap.contract.ts';
import { auditContract } from '../testing/contract/audit.contract.ts';
import { heldTablesContract } from '../testing/contract/held-tables.contract.ts';
import { leaseContract } from '../testing/contract/lease.contract.ts';
import { messagesContract } from '../testing/contract/messages.contract.ts';
import { readingContract } from '../testing/contract/reading.contract.ts';
import { refusedRowsContract } from '../testing/contract/refused-rows.contract.ts';
import { sinkContract } from '../testing/contract/sink.contract.ts';
import { unrulyTapContract } from '../testing/contract/unruly-tap.contract.ts';
import { postgresUnderTest } from './testing/postgres-under-test.ts';

describe('slices as Singer messages into PostgreSQL', () => {
  messagesContract(postgresUnderTest);
});

describe('results into PostgreSQL', () => {
  sinkContract(postgresUnderTest);
});

describe('leases in PostgreSQL', () => {
  leaseContract(postgresUnderTest);
});

describe('messages of any tap into PostgreSQL', () => {
  anyTapContract(postgresUnderTest);
});

describe('messages of an unruly tap into PostgreSQL', () => {
  unrulyTapContract(postgresUnderTest);
});

describe('tables that PostgreSQL has already', () => {
  heldTablesContract(postgresUnderTest);
});

describe('rows that PostgreSQL refuses', () => {
  refusedRowsContract(postgresUnderTest);
});

describe('what PostgreSQL holds', () => {
  auditContract(postgresUnderTest);
});

describe('what is read of PostgreSQL', () => {
  readingContract(postgresUnderTest);
});
