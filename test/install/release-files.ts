import { globSync } from 'node:fs';
import { inject } from 'vitest';

/** Packages of the programs; with their tarballs alone npm needs no other package of ours. */
const PROGRAMS = ['cli', 'tap-traffic-events', 'target-bigquery', 'target-postgres'];

export const programTarballs = (): string[] =>
  PROGRAMS.flatMap((name) => releaseFiles(`traffic-events-${name}-[0-9]*.tgz`));

/** Files of the release by pattern; there must be one. */
export function releaseFiles(pattern: string): string[] {
  const folder = inject('releaseFolder');
  const found = globSync(pattern, { cwd: folder });
  if (found.length === 0) throw new Error(`the release has no ${pattern}`);
  return found.map((name) => `${folder}/${name}`);
}
