import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWheel } from './build-wheel.ts';
import { requireChangelog } from './require-changelog.ts';
import { run } from './run.ts';
import { stageLibrary } from './stage-library.ts';
import { stageProgram } from './stage-program.ts';
import { readWorkspace } from './workspace.ts';
import type { ProgramPackage, Workspace, WorkspacePackage } from './workspace.ts';

export interface ReleaseOptions {
  /** Where tarballs and wheels go. */
  readonly folder: string;
  /** Wheels need python3. */
  readonly hasWheels: boolean;
}

export interface Release {
  /** Names of the files. */
  readonly files: readonly string[];
  /** What there is no wheel of, and why. */
  readonly withoutWheel: readonly string[];
}

interface Build extends ReleaseOptions {
  readonly workspace: Workspace;
  /** Holds a folder for each package, with what its tarball will hold. */
  readonly stages: string;
}

interface Built {
  readonly files: readonly string[];
  readonly withoutWheel?: string;
}

/** Builds every tarball and wheel of the workspace. Nothing is published. */
export async function buildRelease(options: ReleaseOptions): Promise<Release> {
  const workspace = readWorkspace();
  requireChangelog(workspace.root.version);
  mkdirSync(options.folder, { recursive: true });
  const stages = mkdtempSync(join(tmpdir(), 'traffic-events-release-'));
  const build = { ...options, workspace, stages };
  try {
    const built = await Promise.all([
      ...workspace.programs.map((program) => buildProgram(program, build)),
      ...workspace.libraries.map((library) => buildLibrary(library, build)),
    ]);
    return {
      files: built.flatMap(({ files }) => files).toSorted(),
      withoutWheel: built.flatMap(({ withoutWheel = [] }) => withoutWheel),
    };
  } finally {
    rmSync(stages, { recursive: true });
  }
}

async function buildLibrary(library: WorkspacePackage, build: Build): Promise<Built> {
  const stage = emptyStage(library, build);
  await stageLibrary(library, build.workspace, stage);
  return { files: [await pack(stage, build)] };
}

async function buildProgram(program: ProgramPackage, build: Build): Promise<Built> {
  const stage = emptyStage(program, build);
  const { externals } = await stageProgram(program, build.workspace, stage);
  const tarball = await pack(stage, build);
  if (!build.hasWheels) return { files: [tarball] };
  const needed = Object.keys(externals);
  if (needed.length > 0) {
    const reason = `${program.command}: needs ${needed.join(' and ')}, which only npm installs`;
    return { files: [tarball], withoutWheel: reason };
  }
  return { files: [tarball, await buildWheel(program, stage, build.folder)] };
}

function emptyStage({ directory }: WorkspacePackage, { stages }: Build): string {
  const stage = join(stages, directory);
  mkdirSync(stage, { recursive: true });
  return stage;
}

/** `npm pack`: the name of the tarball that it writes. */
async function pack(stage: string, { folder }: Build): Promise<string> {
  return (await run('npm', ['pack', '--silent', '--pack-destination', folder], stage)).trim();
}
