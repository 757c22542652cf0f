import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ended, start } from './programs.ts';
import type { Ended } from './programs.ts';

/** `traffic-events demo --keep`, from when it serves its page on. */
export class KeptDemo implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #end: Promise<Ended>;
  readonly #text: string;

  private constructor(process: ChildProcess, end: Promise<Ended>, text: string) {
    this.#process = process;
    this.#end = end;
    this.#text = text;
  }

  static async start(...args: readonly string[]): Promise<KeptDemo> {
    const process = start('traffic-events', ['demo', '--keep', ...args]);
    const end = ended(process, false);
    return new KeptDemo(process, end, await textUntil(process, /kill \d+; rm .*\n/));
  }

  /** Of the page. */
  get url(): string {
    return this.#found(/until Ctrl-C: +(\S+)/);
  }

  get warehouseUrl(): string {
    return this.#found(/psql '(.*)'/);
  }

  /** Arguments by which other commands ask it. */
  get named(): string[] {
    const [config, environment] = [this.#found(/--config (\S+)/), this.#found(/--env-file (\S+)/)];
    return ['--config', config, '--env-file', environment];
  }

  /** Its end after Ctrl-C; the warehouse goes on. */
  interrupt(): Promise<Ended> {
    this.#process.kill('SIGINT');
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
    process.kill(Number(this.#found(/kill (\d+)/)));
    rmSync(dirname(this.#found(/--config (\S+)/)), { recursive: true });
  }

  #found(pattern: RegExp): string {
    const [, text] = pattern.exec(this.#text) ?? [];
    if (text === undefined) throw new Error(`no ${pattern} in ${this.#text}`);
    return text;
  }
}

/** What a program prints up to what is waited for, or to its end. */
async function textUntil({ stdout }: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    text += String(chunk);
    if (pattern.test(text)) break;
  }
  return text;
}
