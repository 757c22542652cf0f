import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasEmulator } from '@traffic-events/warehouse/bigquery/testing';
import { describe, expect, test } from 'vitest';
import { DbtProject } from '../conformance/dbt-project.ts';
import { isThorough } from '../reporting/thorough.ts';
import { askGoogleSql } from './googlesql.ts';

const MODELS = 11;
const INSTALLING_TIMEOUT_MS = 600_000;

describe.runIf(isThorough && hasEmulator())('the dbt package in BigQuery', () => {
  test(
    'compiles, and every model and test parses as GoogleSQL',
    async () => {
      using project = await DbtProject.create({
        type: 'bigquery',
        method: 'oauth-secrets',
        token: 'never-sent',
        project: 'my-project',
        dataset: 'reports',
        threads: 1,
      });
      const compiled = await project.dbt('compile', '--no-introspect', '--no-populate-cache');
      expect(compiled.code, compiled.stdout).toBe(0);
      const files = globSync('compiled/**/*.sql', { cwd: project.target });
      expect(
        files.filter((file) => file.includes('/models/') && !file.includes('.yml/')),
      ).toHaveLength(MODELS);
      const scripts = files.map(
        (file) => [file, readFileSync(join(project.target, file), 'utf8')] as const,
      );
      const { faults } = await askGoogleSql({ scripts, queries: [] });
      expect(faults).toEqual([]);
    },
    INSTALLING_TIMEOUT_MS,
  );
});
