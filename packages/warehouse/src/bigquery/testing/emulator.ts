import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorEnvironment, EmulatorUnavailableError } from './emulator-environment.ts';

const serve = (threads: number) => `
from local_bigquery.engine.database import connection
from local_bigquery.cli import main
connection().execute("SET threads = ${threads}")
main()
`;
const START_TIMEOUT_MS = 60_000;

/** A BigQuery emulator of this machine's own. */
export class BigQueryEmulator {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(options: { url: string; process: ChildProcess; directory: string }) {
    this.url = options.url;
    this.#process = options.process;
    this.#directory = options.directory;
  }

  /**
   * `threads` is for each statement: many small ones are fastest on one, as DuckDB wakes the others
   * in vain. Throws `EmulatorUnavailableError`, which says what is missing.
   */
  static async start({ threads = availableParallelism() } = {}): Promise<BigQueryEmulator> {
    const environment = await emulatorEnvironment();
    const directory = await mkdtemp(join(tmpdir(), 'bigquery-emulator-'));
    const [port, grpcPort] = [await freePort(), await freePort()];
    const child = spawn(
      join(environment, 'bin/python'),
      [
        '-c',
        serve(threads),
        '--host=127.0.0.1',
        `--port=${port}`,
        `--grpc-port=${grpcPort}`,
        'serve',
      ],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: join(environment, 'home'),
          DATA_DIR: directory,
          TZ: 'UTC',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const emulator = new BigQueryEmulator({
      url: `http://127.0.0.1:${port}`,
      process: child,
      directory,
    });
    await emulator.#ready();
    return emulator;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill('SIGKILL')) await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    let log = '';
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-2000);
    });
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadlineMs && this.#process.exitCode === null) {
      if (await isAnswering(this.url)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new EmulatorUnavailableError(`The BigQuery emulator did not start: ${log}`);
  }
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/bigquery/v2/projects/local/datasets`);
    return response.ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
