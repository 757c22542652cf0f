import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { ReleaseError } from './release-error.ts';

export interface InstalledPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Looks a dependency up as Node does: in node_modules here, then above. */
export function findInstalled(name: string, from: string): InstalledPackage | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return installedIn(realpathSync(candidate));
    if (folder === dirname(folder)) return undefined;
  }
}

export function installedDependency(name: string, from: string): InstalledPackage {
  const found = findInstalled(name, from);
  if (found !== undefined) return found;
  throw new ReleaseError(`${name}, which ${from} needs, is not installed: npm run setup`);
}

/** The package that a file belongs to; a package.json without a name only says how to read files. */
export function packageOfFile(file: string): InstalledPackage {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'package.json'))) continue;
    const found = installedIn(folder);
    if (found.manifest.name !== undefined && found.manifest.version !== undefined) return found;
  }
  throw new ReleaseError(`${file} belongs to no package`);
}

function installedIn(folder: string): InstalledPackage {
  return { folder, manifest: readManifest(folder) };
}
