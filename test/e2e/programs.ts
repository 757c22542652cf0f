import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const BIN = resolve(import.meta.dirname, '../../node_modules/.bin');

/** How a program ended, with all that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How both ends of a Singer pipe ended; `states` are the lines that the target passed on. */
export interface PipeEnded {
  readonly tap: Omit<Ended, 'stdout'>;
  readonly target: Ended;
  readonly states: readonly string[];
}

/** When a process is to be killed, if it has not ended by then. */
export interface KillMoment {
  /** After this many lines: of its log, or, in a pipe, of what the tap has passed on. */
  readonly afterLines: number;
  /** How long after the line; a load goes on meanwhile. */
  readonly delayMs: number;
}

export interface Kill extends KillMoment {
  readonly program: 'tap' | 'target';
}

/** Runs a program to its end, or to its kill: one of the workspace, or the file that is named. */
export async function run(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  kill?: KillMoment,
): Promise<Ended> {
  const child = start(program, args, environment);
  child.stdin?.end();
  if (kill !== undefined) killByLog(child, kill);
  return ended(child);
}

export type TargetProgram = 'target-postgres' | 'target-bigquery';

interface PipeOptions {
  readonly directory: string;
  /** Folder of the programs; the workspace's unless given. */
  readonly bin?: string | undefined;
  readonly tapConfig: object;
  readonly target: { readonly program: TargetProgram; readonly config: object };
  /** A file. */
  readonly catalog?: string | undefined;
  readonly state?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly kill?: Kill | undefined;
}

/** `tap-traffic-events | target-…` in two real processes. */
export async function runPipe(options: PipeOptions): Promise<PipeEnded> {
  const { target: loader, tapConfig, catalog, state, environment, kill, bin = BIN } = options;
  const file = (name: string, text: string) => {
    const path = join(options.directory, name);
    writeFileSync(path, text);
    return path;
  };
  const args = ['--config', file('tap.json', JSON.stringify(tapConfig))];
  if (catalog !== undefined) args.push('--catalog', catalog);
  if (state !== undefined) args.push('--state', file('state.json', state));
  const tap = start(join(bin, 'tap-traffic-events'), args, environment);
  const targetConfig = file('target.json', JSON.stringify(loader.config));
  const target = start(join(bin, loader.program), ['--config', targetConfig], environment);
  tap.stdin?.end();
  const passing = passLines(tap, target, kill);
  const [tapEnd, targetEnd] = await Promise.all([ended(tap, false), ended(target), passing]);
  const states = targetEnd.stdout.split('\n').filter((line) => line !== '');
  return { tap: tapEnd, target: targetEnd, states };
}

/** Passes the tap's lines on, one at a time, so that a kill hits between two known messages. */
async function passLines(tap: ChildProcess, target: ChildProcess, kill?: Kill): Promise<void> {
  const { stdout } = tap;
  const { stdin } = target;
  if (stdout === null || stdin === null) throw new Error('both programs need pipes');
  // A target that has ended closes its end; what is then on its way is lost, as in a shell.
  const gone = new AbortController();
  stdin.on('error', () => {}).once('close', () => gone.abort());
  let passed = 0;
  for await (const line of createInterface({ input: stdout, crlfDelay: Infinity })) {
    if (gone.signal.aborted) break;
    const isFull = !stdin.write(`${line}\n`);
    if (isFull) await once(stdin, 'drain', gone).catch(() => {});
    passed += 1;
    if (passed === kill?.afterLines) killLater(kill.program === 'tap' ? tap : target, kill);
  }
  stdin.end();
  stdout.destroy();
}

/** Kills a program a while after it has logged so many lines. */
function killByLog(child: ChildProcess, kill: KillMoment): void {
  let logged = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    const before = logged;
    logged += chunk.toString().split('\n').length - 1;
    if (before < kill.afterLines && logged >= kill.afterLines) killLater(child, kill);
  });
}

function killLater(child: ChildProcess, { delayMs }: KillMoment): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  child.once('exit', () => clearTimeout(timer));
}

/** Starts a program without waiting for its end. */
export function start(
  program: string,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(resolve(BIN, program), args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** All that a program writes until it ends. */
export async function ended(child: ChildProcess, withStdout = true): Promise<Ended> {
  const closed = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr, { code, signal }] = await Promise.all([
    withStdout && child.stdout !== null ? text(child.stdout) : '',
    child.stderr === null ? '' : text(child.stderr),
    closed,
  ]);
  return { code, signal, stdout, stderr };
}
