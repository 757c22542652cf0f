import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeOnce } from './make-once.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));

/** See docs/decisions/0010: DuckDB's extensions come as packages, as the emulator cannot fetch them. */
const DUCKDB = '1.5.5';
const EXTENSIONS = ['ducklake', 'icu', 'json', 'spatial'] as const;
const PACKAGES = [
  'local-bigquery==0.3.2',
  `duckdb==${DUCKDB}`,
  ...EXTENSIONS.map((name) => `duckdb-extension-${name}==${DUCKDB}`),
];
const PYTHON = '3.13';

/** There is no Python that the emulator runs on, or its packages cannot be had. */
export class EmulatorUnavailableError extends Error {
  override readonly name = 'EmulatorUnavailableError';
}

/** The Python of the emulator's environment, which has sqlglot as well. */
export async function emulatorPython(): Promise<string> {
  return join(await emulatorEnvironment(), 'bin/python');
}

/**
 * The folder of the emulator's environment, made at its first use and kept in `.venv`. Throws
 * `EmulatorUnavailableError`.
 */
export async function emulatorEnvironment(): Promise<string> {
  const version = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8);
  const environment = join(ROOT, '.venv', `local-bigquery-${version}`);
  try {
    await makeOnce(environment, install);
    return environment;
  } catch (error) {
    if (error instanceof EmulatorUnavailableError) throw error;
    throw new EmulatorUnavailableError(
      `The BigQuery emulator could not be installed: ${(error as Error).message.slice(0, 600)}`,
    );
  }
}

/** It is moved afterwards: what is in `bin` must be run by its Python, as it names the folder that it was made in. */
async function install(environment: string): Promise<void> {
  await run(await findPython(), ['-m', 'venv', environment]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(environment, 'bin/python'), [...pip, ...PACKAGES], { timeout: 600_000 });
  await installExtensions(environment);
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
    await copyFile(packaged, join(place, file));
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
