import { describe } from 'vitest';
import { upgradeContract } from '../testing/contract/upgrade.contract.ts';
import { postgresUnderTest } from './testing/postgres-under-test.ts';

describe('PostgreSQL of another version', () => {
  upgradeContract(postgresUnderTest);
});
