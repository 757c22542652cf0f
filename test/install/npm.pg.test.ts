import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../e2e/programs.ts';
import type { Installation } from '../e2e/world.ts';
import { plainEnvironment } from './plain-environment.ts';
import { programTarballs } from './release-files.ts';
import { expectTruth, startSmallWorld } from './small-world.ts';

const PROGRAMS = ['tap-traffic-events', 'target-bigquery', 'target-postgres', 'traffic-events'];

describe('npm install -g of the tarballs', () => {
  let folder: string;
  let installation: Installation;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-npm-'));
    const environment = plainEnvironment(folder);
    const prefix = join(folder, 'prefix');
    const args = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund'];
    const installed = await run(npm(environment), [...args, ...programTarballs()], environment);
    if (installed.code !== 0) throw new Error(installed.stderr);
    installation = { bin: join(prefix, 'bin'), environment };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the four programs, which start', async () => {
    const { bin, environment } = installation;
    expect(readdirSync(bin).toSorted()).toEqual(PROGRAMS);
    for (const program of PROGRAMS) {
      const ended = await run(join(bin, program), ['--version'], environment);
      expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toMatch(/^([a-z-]+ )?\d+\.\d+\.\d+\n$/);
    }
  });

  it('gives a sync that loads what the API knows', async () => {
    await using world = await startSmallWorld(installation);
    const warehouse = await world.database();
    const sync = await world.sync(warehouse);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, warehouse);
  });

  it('gives a tap and a target that load the same', async () => {
    await using world = await startSmallWorld(installation);
    const warehouse = await world.database();
    const { tap, target } = await world.pipe(warehouse);
    expect(tap, tap.stderr).toMatchObject({ code: 0 });
    expect(target, target.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, warehouse);
  });

  it('gives what init copies', async () => {
    const config = join(folder, 'traffic-events.yaml');
    const { bin, environment } = installation;
    const ended = await run(join(bin, 'traffic-events'), ['init', '--config', config], environment);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  });
});

/** The npm that is found without the workspace. */
function npm({ PATH = '' }: NodeJS.ProcessEnv): string {
  const folder = PATH.split(':').find((entry) => readableNames(entry).includes('npm'));
  if (folder === undefined) throw new Error('npm is not in PATH');
  return join(folder, 'npm');
}

function readableNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
