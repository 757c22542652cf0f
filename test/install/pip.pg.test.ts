import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPython, installFresh } from '../conformance/python-peers.ts';
import { run } from '../e2e/programs.ts';
import type { Installation } from '../e2e/world.ts';
import { environmentWithoutNode } from './plain-environment.ts';
import { releaseFiles } from './release-files.ts';
import { expectTruth, startSmallWorld } from './small-world.ts';
import { isThorough } from '../reporting/thorough.ts';

const isTried = isThorough && hasPython();

describe.runIf(isTried)('pip install of the wheels, where there is no Node', () => {
  let folder: string;
  let installation: Installation;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-pip-'));
    await installFresh(folder, releaseFiles('*.whl'));
    const bin = join(folder, 'bin');
    installation = { bin, environment: environmentWithoutNode(bin) };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives a tap and a target that load what the API knows', async () => {
    await using world = await startSmallWorld(installation);
    const warehouse = await world.database();
    const { tap, target } = await world.pipe(warehouse);
    expect(tap, tap.stderr).toMatchObject({ code: 0 });
    expect(target, target.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, warehouse);
  });

  it('gives a target for BigQuery', async () => {
    const { bin, environment } = installation;
    const ended = await run(join(bin, 'target-bigquery'), ['--about'], environment);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('target-bigquery');
  });

  it('passes exit codes and signals on', async () => {
    const tap = join(installation.bin, 'tap-traffic-events');
    const missing = await run(tap, ['--config', 'missing.json'], installation.environment);
    expect(missing, missing.stderr).toMatchObject({ code: 2 });
    await using world = await startSmallWorld(installation);
    const config = join(folder, 'tap.json');
    writeFileSync(config, JSON.stringify(world.tapConfig()));
    const running = spawn(tap, ['--config', config], { env: world.environment() });
    const exited = once(running, 'exit');
    await once(running.stdout, 'data');
    running.kill('SIGTERM');
    expect(await exited).toEqual([143, null]);
  });
});
