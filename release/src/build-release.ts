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

export interface Release {
  /** Names of the files. */
  readonly files: readonly string[];
  /** What there is no wheel of, and why. */
  readonly withoutWheel: readonly string[];
}

interface Built {
  readonly files: readonly string[];
  readonly withoutWheel?: string;
}

/** Builds every tarball and wheel of the workspace into a folder. Nothing is published. */
export async function buildRelease(folder: string): Promise<Release> {
  const workspace = readWorkspace();
  requireChangelog(workspace.root.version);
  mkdirSync(folder, { recursive: true });
  const stages = mkdtempSync(join(tmpdir(), 'traffic-events-release-'));
  try {
    const built = await Promise.all([
      ...workspace.programs.map((it) => buildProgram(it, workspace, stageOf(stages, it), folder)),
      ...workspace.libraries.map((it) => buildLibrary(it, workspace, stageOf(stages, it), folder)),
    ]);
    return {
      files: built.flatMap(({ files }) => files).toSorted(),
      withoutWheel: built.flatMap(({ withoutWheel = [] }) => withoutWheel),
    };
  } finally {
    rmSync(stages, { recursive: true });
  }
}

function stageOf(stages: string, { directory }: WorkspacePackage): string {
  const stage = join(stages, directory);
  mkdirSync(stage, { recursive: true });
  return stage;
}

async function buildLibrary(
  library: WorkspacePackage,
  workspace: Workspace,
  stage: string,
  folder: string,
): Promise<Built> {
  await stageLibrary(library, workspace, stage);
  return { files: [await pack(stage, folder)] };
}

async function buildProgram(
  program: ProgramPackage,
  workspace: Workspace,
  stage: string,
  folder: string,
): Promise<Built> {
  const { externals } = await stageProgram(program, workspace, stage);
  const tarball = await pack(stage, folder);
  const needed = Object.keys(externals);
  if (needed.length > 0) {
    const reason = `${program.command}: needs ${needed.join(' and ')}, which only npm installs`;
    return { files: [tarball], withoutWheel: reason };
  }
  return { files: [tarball, await buildWheel(program, stage, folder)] };
}

/** `npm pack`: the name of the tarball that it writes. */
async function pack(stage: string, folder: string): Promise<string> {
  return (await run('npm', ['pack', '--silent', '--pack-destination', folder], stage)).trim();
}
