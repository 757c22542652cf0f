import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

/** See docs/decisions/0010: DuckDB's extensions come as packages, as the emulator cannot fetch them. */
const DUCKDB = '1.5.5';
const EXTENSIONS = ['ducklake', 'icu', 'json', 'spatial'] as const;
const PACKAGES = [
  'local-bigquery==0.3.2',
  `duckdb==${DUCKDB}`,
  ...EXTENSIONS.map((name) => `duckdb-extension-${name}==${DUCKDB}`),
];
const PYTHON = '3.13';
const START_TIMEOUT_MS = 60_000;

/** There is no Python that the emulator runs on, or its packages cannot be had. */
export class EmulatorUnavailableError extends Error {
  override readonly name = 'EmulatorUnavailableError';
}

/** A BigQuery emulator of this machine's own, in an environment that is made once and kept in `.venv`. */
export class BigQueryEmulator {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(options: { url: string; process: ChildProcess; directory: string }) {
    this.url = options.url;
    this.#process = options.process;
    this.#directory = options.directory;
  }

  /** Throws `EmulatorUnavailableError`, which says what is missing. */
  static async start(): Promise<BigQueryEmulator> {
    const environment = await ensureEnvironment();
    const directory = await mkdtemp(join(tmpdir(), 'bigquery-emulator-'));
    const [port, grpcPort] = [await freePort(), await freePort()];
    const child = spawn(
      join(environment, 'bin/local-bigquery'),
      [
        '--host=127.0.0.1',
        `--port=${port}`,
        `--grpc-port=${grpcPort}`,
        `--data-dir=${directory}`,
        'serve',
      ],
      {
        env: { PATH: process.env['PATH'], HOME: join(environment, 'home'), TZ: 'UTC' },
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

/** The Python of the emulator's environment, which has sqlglot as well. */
export async function emulatorPython(): Promise<string> {
  return join(await ensureEnvironment(), 'bin/python');
}

/** Makes the environment once; it counts as made when its last file is there. */
async function ensureEnvironment(): Promise<string> {
  const hash = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8);
  const environment = join(ROOT, '.venv', `bigquery-emulator-${hash}`);
  if (existsSync(join(environment, 'complete'))) return environment;
  const python = await findPython();
  await rm(environment, { recursive: true, force: true });
  await mkdir(join(ROOT, '.venv'), { recursive: true });
  try {
    await run(python, ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(join(environment, 'bin/python'), [...pip, ...PACKAGES], { timeout: 600_000 });
    await installExtensions(environment);
    await writeFile(join(environment, 'complete'), PACKAGES.join('\n'));
    return environment;
  } catch (error) {
    throw new EmulatorUnavailableError(
      `The BigQuery emulator could not be installed: ${(error as Error).message.slice(0, 600)}`,
    );
  }
}

/** Where DuckDB looks for extensions before it would download them. */
async function installExtensions(environment: string): Promise<void> {
  const platform = await run(join(environment, 'bin/python'), [
    '-c',
    'import duckdb; print(duckdb.sql("PRAGMA platform").fetchone()[0])',
  ]);
  const place = join(environment, 'home/.duckdb/extensions', `v${DUCKDB}`, platform.stdout.trim());
  await mkdir(place, { recursive: true });
  for (const name of EXTENSIONS) {
    const file = `${name}.duckdb_extension`;
    const packaged = join(
      environment,
      `lib/python${PYTHON}/site-packages/duckdb_extension_${name}/extensions/v${DUCKDB}`,
      file,
    );
    await copyFile(packaged, join(place, `${file}.part`));
    await rename(join(place, `${file}.part`), join(place, file));
  }
}

/** A Python of the version that the emulator asks for: on the path, or one that pyenv keeps. */
async function findPython(): Promise<string> {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const kept = (await readdir(versions).catch(() => []))
    .filter((version) => version.startsWith(`${PYTHON}.`))
    .map((version) => join(versions, version, `bin/python${PYTHON}`));
  for (const python of [`python${PYTHON}`, 'python3', ...kept]) {
    const version = await run(python, ['--version']).catch(() => undefined);
    if (version?.stdout.startsWith(`Python ${PYTHON}.`) === true) return python;
  }
  throw new EmulatorUnavailableError(
    `There is no Python ${PYTHON}, which the BigQuery emulator needs. Install it, or put it on the path as python${PYTHON}.`,
  );
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
