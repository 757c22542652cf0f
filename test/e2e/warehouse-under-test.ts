import { inject } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';
import { bigquery } from './bigquery-under-test.ts';
import { postgres } from './postgres-under-test.ts';
import type { WarehouseKind } from './warehouse-kind.ts';

type WarehouseName = 'PostgreSQL' | 'BigQuery';

declare module 'vitest' {
  interface ProvidedContext {
    /** Which warehouse a project tries the tests of whole-path/ on; see vitest.config.ts. */
    warehouseUnderTest: WarehouseName;
  }
}

const KINDS: Readonly<Record<WarehouseName, WarehouseKind>> = {
  PostgreSQL: postgres,
  BigQuery: bigquery,
};

/** The warehouse that this project of the test run stands for. */
export const warehouseKind = KINDS[inject('warehouseUnderTest')];

/**
 * Whether a test of the whole path is played on it in this run. The emulator takes ten times as long
 * as PostgreSQL: whoever has just cloned plays one test on it, and all of them on PostgreSQL.
 */
export const isTriedHere =
  warehouseKind.isHere() && (isThorough || warehouseKind.project === postgres.project);
