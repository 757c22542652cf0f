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

export default defineConfig({
  test: {
    projects: [...foldersIn('packages'), ...foldersIn('apps'), 'test'].map((root) => ({
      extends: true as const,
      test: { root, name: root, globalSetup: onPostgres.has(root) ? [postgresSetup] : [] },
    })),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
