import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { emulatorPython, makeOnce } from '@traffic-events/warehouse/bigquery/testing';

/** Google's analyzer and reference implementation of GoogleSQL, compiled to WebAssembly; Apache-2.0. */
const PACKAGES = ['zetasql==0.1.5', 'wasmtime==50.0.1'];
const ENVIRONMENTS = resolve(import.meta.dirname, '../../.venv');

type Named = readonly (readonly [name: string, text: string])[];

export interface GoogleSqlAnswer {
  /** What was not understood, and why. */
  readonly faults: readonly (readonly [name: string, message: string])[];
  /** Rows by query. */
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** Parses scripts, and runs queries that answer one column of JSON. */
export async function askGoogleSql(asked: {
  readonly scripts: Named;
  readonly queries: Named;
}): Promise<GoogleSqlAnswer> {
  const cache = await ensurePackages();
  const running = promisify(execFile)(
    await emulatorPython(),
    [join(import.meta.dirname, 'googlesql.py')],
    { env: { ...process.env, PYTHONPATH: cache }, maxBuffer: 64 * 1024 * 1024 },
  );
  running.child.stdin?.end(JSON.stringify({ ...asked, cache }));
  return JSON.parse((await running).stdout) as GoogleSqlAnswer;
}

/** Installs the packages beside the emulator's, once. */
async function ensurePackages(): Promise<string> {
  const hash = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8);
  const place = join(ENVIRONMENTS, `googlesql-${hash}`);
  await makeOnce(place, async (unfinished) => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await promisify(execFile)(await emulatorPython(), [
      ...pip,
      '--target',
      unfinished,
      ...PACKAGES,
    ]);
  });
  return place;
}
