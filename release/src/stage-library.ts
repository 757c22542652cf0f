import { compileLibrary } from './compile-library.ts';
import { installedDependency } from './installed-package.ts';
import { libraryManifest, typings } from './published-manifest.ts';
import { writeCommonFiles } from './stage.ts';
import type { Workspace, WorkspacePackage } from './workspace.ts';

/** Puts what a library's tarball holds into an empty folder. */
export async function stageLibrary(
  library: WorkspacePackage,
  { root, libraries }: Workspace,
  stage: string,
): Promise<void> {
  await compileLibrary(library, stage);
  const siblings = new Set(libraries.map(({ manifest }) => manifest.name));
  const { dependencies, optionalDependencies } = library.manifest;
  const needed = { ...dependencies, ...optionalDependencies, ...typings(library.manifest) };
  const versions = Object.keys(needed).map((name) => {
    const { version } = installedDependency(name, library.folder).manifest;
    // Siblings are released together and tested together.
    return [name, siblings.has(name) ? version : `^${version}`] as const;
  });
  const manifest = libraryManifest(library, Object.fromEntries(versions), root);
  writeCommonFiles(library, manifest, stage);
}
