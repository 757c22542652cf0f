import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.ts';
import type { Bundle } from './bundle-program.ts';
import { dataFiles, programManifest } from './published-manifest.ts';
import { writeCommonFiles } from './stage.ts';
import { startFile } from './start-file.ts';
import { thirdPartyLicences } from './third-party-licences.ts';
import type { ProgramPackage, Workspace } from './workspace.ts';

/** Puts what a program's tarball and wheel hold into an empty folder. */
export async function stageProgram(
  program: ProgramPackage,
  { root }: Workspace,
  stage: string,
): Promise<Bundle> {
  const { command, folder, manifest } = program;
  const bundle = await bundleProgram(program, join(stage, 'dist'));
  writeFileSync(join(stage, 'dist', `${command}.js`), startFile(command));
  writeFileSync(join(stage, 'dist/THIRD-PARTY-LICENCES.txt'), thirdPartyLicences(bundle.sources));
  for (const name of dataFiles(manifest)) cpSync(join(folder, name), join(stage, name));
  writeCommonFiles(program, programManifest(program, bundle.externals, root), stage);
  return bundle;
}
