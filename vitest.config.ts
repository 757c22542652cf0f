import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const foldersIn = (parent: string) => readdirSync(parent).map((folder) => `${parent}/${folder}`);

/** These have tests on a real PostgreSQL, which is started once for all of them. */
const onPostgres = new Set([
  'packages/warehouse',
  'apps/target-postgres',
  'apps/traffic-events',
  'test',
]);
const postgresSetup = fileURLToPath(
  new URL('packages/warehouse/src/postgres/testing/vitest-setup.ts', import.meta.url),
);
/** These have tests on BigQuery's emulator, which takes seconds to start: they are a project of their own. */
const onBigQuery = 'test/bigquery';
const bigquerySetup = fileURLToPath(
  new URL('packages/warehouse/src/bigquery/testing/vitest-setup.ts', import.meta.url),
);

const setupOf = (root: string) => [
  ...(onPostgres.has(root) ? [postgresSetup] : []),
  ...(root === onBigQuery ? [bigquerySetup] : []),
];

export default defineConfig({
  test: {
    projects: [...foldersIn('packages'), ...foldersIn('apps'), 'test', onBigQuery].map((root) => ({
      extends: true as const,
      test: {
        root,
        name: root,
        globalSetup: setupOf(root),
        exclude: ['**/node_modules/**', ...(root === 'test' ? ['bigquery/**'] : [])],
      },
    })),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
