import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'test'].map((root) => ({
      extends: true as const,
      test: { root, name: root, include: ['**/*.test.ts'] },
    })),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
