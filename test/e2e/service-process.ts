import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { start } from './programs.ts';

/** A line of a log in JSON. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: string;
  readonly event: string;
}

/** A program that goes on until it is stopped, with its log of JSON lines. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  readonly #ended: Promise<number | null>;
  #waiting = () => {};

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = start('traffic-events', [...args, '--log-format', 'json'], environment);
    this.#child.stdin?.end();
    this.#child.stdout?.resume();
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#ended = promise;
    this.#child.once('close', (code) => {
      resolve(code);
      this.#waiting();
    });
    const { stderr } = this.#child;
    if (stderr === null) throw new TypeError('a service has a log');
    createInterface({ input: stderr }).on('line', (line) => {
      this.#lines.push(JSON.parse(line) as LogLine);
      this.#waiting();
    });
  }

  /** The `count`th line of an event, once it has come. */
  async line(event: string, count = 1): Promise<LogLine> {
    for (;;) {
      const found = this.#lines.filter((line) => line.event === event)[count - 1];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) {
        throw new Error(`no ${event} before the end: ${JSON.stringify(this.#lines, null, 1)}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, once it has ended. */
  end(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
