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

/** When a process is to be killed, by what has passed through the pipe. */
export interface Kill {
  readonly program: 'tap' | 'target';
  /** After this many lines of the tap have been passed on. */
  readonly afterLines: number;
}

/** Runs a program of the workspace to its end. */
export async function run(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = start(program, args, environment);
  child.stdin?.end();
  return ended(child);
}

export interface PipeOptions {
  readonly directory: string;
  readonly tapConfig: unknown;
  /** Which target; `target-postgres` unless given. */
  readonly targetProgram?: 'target-postgres' | 'target-bigquery';
  readonly targetConfig: unknown;
  readonly state?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly kill?: Kill;
}

/** `tap-traffic-events | target-…` in two real processes. */
export async function runPipe(options: PipeOptions): Promise<PipeEnded> {
  const file = (name: string, value: unknown) => {
    const path = join(options.directory, name);
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };
  const state = options.state === undefined ? [] : ['--state', file('state.json', options.state)];
  const tap = start(
    'tap-traffic-events',
    ['--config', file('tap.json', options.tapConfig), ...state],
    options.environment,
  );
  const target = start(
    options.targetProgram ?? 'target-postgres',
    ['--config', file('target.json', options.targetConfig)],
    options.environment,
  );
  tap.stdin?.end();
  const passing = passLines(tap, target, options.kill);
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
    if (passed === kill?.afterLines) (kill.program === 'tap' ? tap : target).kill('SIGKILL');
  }
  stdin.end();
  stdout.destroy();
}

function start(
  program: string,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(join(BIN, program), args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess, withStdout = true): Promise<Ended> {
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
