import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { LeftOutReporter } from './test/reporting/left-out-reporter.ts';

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
const releaseSetup = fileURLToPath(new URL('test/install/release-setup.ts', import.meta.url));
const bigquerySetup = fileURLToPath(
  new URL('packages/warehouse/src/bigquery/testing/vitest-setup.ts', import.meta.url),
);

/** Programs that tests start read their sources from here, once compiled: half of a start is saved. */
const compileCache = fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url));

const projectOf = (root: string): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    root,
    name: root,
    globalSetup: onPostgres.has(root) ? [postgresSetup] : [],
    ...(root === 'test' && {
      exclude: ['**/node_modules/**', 'bigquery/**', 'install/**'],
      provide: { warehouseUnderTest: 'PostgreSQL' },
    }),
  },
});

/**
 * BigQuery's emulator takes seconds to start: the tests that need it are a project of their own. The
 * whole path is tried in both, file beside file, so that the loaders are tested at the same time.
 */
const onBigQuery: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    root: 'test',
    name: 'test/bigquery',
    globalSetup: [bigquerySetup],
    include: ['bigquery/**/*.test.ts', 'e2e/whole-path/**/*.test.ts'],
    provide: { warehouseUnderTest: 'BigQuery' },
    // All its tests share the emulator, which is one process.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
};

/** What a release gives is installed and tried: it is built once for all tests that do so. */
const onRelease: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    root: 'test',
    name: 'test/install',
    globalSetup: [postgresSetup, releaseSetup],
    include: ['install/**/*.test.ts'],
  },
};

export default defineConfig({
  test: {
    projects: [
      ...[...foldersIn('packages'), ...foldersIn('apps'), 'release', 'test'].map(projectOf),
      onBigQuery,
      onRelease,
    ],
    reporters: ['default', new LeftOutReporter()],
    // Tests wait for the programs that they start: a worker for each core leaves none idle.
    maxWorkers: availableParallelism(),
    env: { NODE_COMPILE_CACHE: compileCache },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
