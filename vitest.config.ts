import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const foldersIn = (parent: string) => readdirSync(parent).map((folder) => `${parent}/${folder}`);

export default defineConfig({
  test: {
    projects: [...foldersIn('packages'), ...foldersIn('apps'), 'test'].map((root) => ({
      extends: true as const,
      test: { root, name: root },
    })),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
