import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEventsFile } from '../e2e/events-file.ts';
import { run } from '../e2e/programs.ts';
import { isThorough } from '../reporting/thorough.ts';
import { plainEnvironment } from './plain-environment.ts';
import { releaseFiles } from './release-files.ts';

/** The oldest Node that a release runs on. */
const OLDEST_NODE = 'node@22.19.0';
const COMPILER = resolve(import.meta.dirname, '../node_modules/typescript/bin/tsc');
const COMPILER_SETTINGS = {
  include: ['all.mts'],
  compilerOptions: {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  },
};

interface Published {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly types?: string }>>;
}

describe.runIf(isThorough)('npm install of every tarball into an empty folder', () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  /** What a program imports from the libraries. */
  let entries: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-tarballs-'));
    // As root, PostgreSQL runs as a user of its own, who must be let in.
    chmodSync(folder, 0o755);
    environment = plainEnvironment(folder);
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const packages = [...releaseFiles('*.tgz'), '@types/node@24', OLDEST_NODE];
    const args = ['install', '--no-audit', '--no-fund', ...packages];
    await promisify(execFile)('npm', args, {
      cwd: folder,
      env: { ...process.env, ...environment },
    });
    entries = entriesIn(join(folder, 'node_modules/@traffic-events'));
    const imports = entries.map((entry, index) => `import * as all${index} from '${entry}';`);
    const names = entries.map((_, index) => `all${index}`);
    const lines = [
      ...imports,
      `console.log([${names.join()}].map((all) => Object.keys(all).length));`,
    ];
    for (const name of ['all.mts', 'all.mjs']) writeFileSync(join(folder, name), lines.join('\n'));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives libraries whose every entry can be imported, on the oldest Node', async () => {
    expect(entries).toContain('@traffic-events/warehouse/postgres');
    expect(entries.filter((entry) => entry.includes('testing'))).toEqual([]);
    const ended = await run(oldestNode(folder), [join(folder, 'all.mjs')], environment);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  });

  it('gives declarations that a strict compiler takes whole', async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(COMPILER_SETTINGS));
    const ended = await run(process.execPath, [COMPILER, '-p', folder], environment);
    expect([ended.code, ended.stdout]).toEqual([0, '']);
  });

  it('gives a demo, with its PostgreSQL and its simulated API, on the oldest Node', async () => {
    const events = join(folder, 'events.csv.gz');
    writeEventsFile(events);
    const program = join(folder, 'node_modules/@traffic-events/cli/dist/traffic-events.js');
    const args = [program, 'demo', '--json', '--events', events];
    const ended = await run(oldestNode(folder), args, environment);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('"differences":0');
  });

  it('tells what a command lacks that needs what was left out', async () => {
    rmSync(join(folder, 'node_modules/@duckdb'), { recursive: true });
    const program = join(folder, 'node_modules/@traffic-events/cli/dist/traffic-events.js');
    const ended = await run(process.execPath, [program, 'simulate'], environment);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/"simulate" needs @duckdb\/node-api.*--include=optional/);
  });
});

const oldestNode = (folder: string) => join(folder, 'node_modules/node/bin/node');

function entriesIn(scope: string): string[] {
  return readdirSync(scope).flatMap((directory) => {
    const manifest = readFileSync(join(scope, directory, 'package.json'), 'utf8');
    const { name, exports } = JSON.parse(manifest) as Published;
    const typed = Object.entries(exports).filter(([, entry]) => entry.types !== undefined);
    return typed.map(([entry]) => name + entry.slice(1));
  });
}
