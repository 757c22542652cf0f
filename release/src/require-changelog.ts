import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from './release-error.ts';
import { REPOSITORY } from './workspace.ts';

/** No version leaves without a word on what it changes for whom. */
export function requireChangelog(version: string): void {
  const text = readFileSync(join(REPOSITORY, 'CHANGELOG.md'), 'utf8');
  const titles = text.split('\n').filter((line) => line.startsWith('## '));
  if (titles.some((line) => line.slice(3).split(' ')[0] === version)) return;
  throw new ReleaseError(
    `CHANGELOG.md has no entry for ${version}: write one under "## ${version}".`,
  );
}
