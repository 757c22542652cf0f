import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ReleaseError } from './release-error.ts';

const execute = promisify(execFile);

/** Runs a program to its end, and answers what it has printed. */
export async function run(
  program: string,
  args: readonly string[],
  folder?: string,
): Promise<string> {
  try {
    return (await execute(program, args, { cwd: folder })).stdout;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    const reason = stdout + stderr || (cause as Error).message;
    throw new ReleaseError(`${program} ${args.join(' ')} failed:\n${reason}`, { cause });
  }
}
