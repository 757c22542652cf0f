import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunProgramOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** What the program reads. */
  readonly input?: string;
}

/** Runs a program to its end. */
export async function runProgram(
  path: string,
  args: readonly string[],
  { environment, folder, input = '' }: RunProgramOptions,
): Promise<Ended> {
  const child = spawn(path, args, { env: environment, cwd: folder, stdio: 'pipe' });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  child.stdin.on('error', () => {}).end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, stdout, stderr };
}
