import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Catalog } from '@traffic-events/singer';

const TARGET = fileURLToPath(
  new URL('../../apps/target-postgres/bin/target-postgres', import.meta.url),
);
const TAP = fileURLToPath(
  new URL('../../apps/tap-traffic-events/bin/tap-traffic-events', import.meta.url),
);
const POLL_MS = 50;

export interface ProcessRun {
  readonly seconds: number;
  /** Highest resident memory; 0 where the system does not tell. */
  readonly peakMegabytes: number;
}

/** Runs a target in a process of its own until it has taken all of `input`. */
export async function runTarget(
  input: AsyncIterable<Buffer>,
  env: Readonly<Record<string, string>>,
  command = TARGET,
  args: readonly string[] = [],
): Promise<ProcessRun> {
  const startMs = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    void peakOf(child.pid).then((peak) => (peakMegabytes = Math.max(peak, peakMegabytes)));
  }, POLL_MS);
  const exited = once(child, 'exit');
  await Promise.all([pipeline(Readable.from(input), child.stdin), exited]);
  clearInterval(watch);
  if (child.exitCode !== 0) throw new Error(`${command}: ${Buffer.concat(errors).toString()}`);
  return { seconds: (performance.now() - startMs) / 1000, peakMegabytes };
}

/** What the tap can extract, as its `--discover` prints it. */
export async function discover(tapConfig: string): Promise<Catalog> {
  const { stdout } = await promisify(execFile)(TAP, ['--config', tapConfig, '--discover']);
  return JSON.parse(stdout) as Catalog;
}

/** Runs `tap | target-postgres` as a shell does, from the start of both to the end of both. */
export async function runPipe(
  tapArguments: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const startMs = performance.now();
  const script = 'target=$1; shift; "$0" "$@" | "$target"';
  const command = ['-c', script, TAP, TARGET, ...tapArguments];
  const child = spawn('sh', command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`tap | target: ${Buffer.concat(errors).toString()}`);
  return (performance.now() - startMs) / 1000;
}

async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
