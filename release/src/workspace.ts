import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { ReleaseError } from './release-error.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** A package of the workspace that is released. */
export interface WorkspacePackage {
  readonly folder: string;
  /** Its folder as the repository names it, such as `packages/client`. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** A package that is installed for its command. */
export interface ProgramPackage extends WorkspacePackage {
  /** Name of the command. */
  readonly command: string;
}

/**
 * What a release is made of. Folders that hold packages (`packages/*`) are released; a folder that
 * the workspace names by itself (`test`) serves the work on the repository and is not.
 */
export interface Workspace {
  readonly root: Manifest;
  readonly libraries: readonly WorkspacePackage[];
  readonly programs: readonly ProgramPackage[];
}

export function readWorkspace(): Workspace {
  const root = readManifest(REPOSITORY);
  const packages = globSync(releasedPatterns(), { cwd: REPOSITORY })
    .toSorted()
    .map((file) => packageIn(file.slice(0, -'/package.json'.length)));
  for (const { manifest } of packages) requireVersion(manifest, root.version);
  return {
    root,
    libraries: packages.filter(({ manifest }) => manifest.bin === undefined),
    programs: packages.flatMap((each) =>
      Object.keys(each.manifest.bin ?? {}).map((command) => ({ ...each, command })),
    ),
  };
}

function releasedPatterns(): string[] {
  const text = readFileSync(join(REPOSITORY, 'pnpm-workspace.yaml'), 'utf8');
  const { packages } = parse(text) as { packages: readonly string[] };
  return packages.filter((pattern) => pattern.endsWith('/*')).map((it) => `${it}/package.json`);
}

function packageIn(directory: string): WorkspacePackage {
  const folder = join(REPOSITORY, directory);
  return { folder, directory, manifest: readManifest(folder) };
}

/** All carry one version: what was tested together is installed together. */
function requireVersion({ name, version }: Manifest, expected: string): void {
  if (version === expected) return;
  throw new ReleaseError(
    `${name} has version ${version}, the repository ${expected}: give every package.json the same version.`,
  );
}
