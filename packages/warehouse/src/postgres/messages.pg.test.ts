import { describe } from 'vitest';
import { messagesContract } from '../testing/contract/messages.contract.ts';
import { postgresUnderTest } from './testing/postgres-under-test.ts';

describe('slices as Singer messages into PostgreSQL', () => {
  messagesContract(postgresUnderTest);
});
