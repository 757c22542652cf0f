import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './workspace.ts';
import type { WorkspacePackage } from './workspace.ts';

/** Writes what every tarball has beside its code: package.json, README and licence. */
export function writeCommonFiles(
  { folder, manifest }: WorkspacePackage,
  published: object,
  stage: string,
): void {
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  copyFileSync(join(REPOSITORY, 'LICENSE'), join(stage, 'LICENSE'));
  const readme = join(folder, 'README.md');
  if (existsSync(readme)) copyFileSync(readme, join(stage, 'README.md'));
  else writeFileSync(join(stage, 'README.md'), `# ${manifest.name}\n\n${manifest.description}\n`);
}
