import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresUnderTest } from '../e2e/postgres-under-test.ts';
import { run } from '../e2e/programs.ts';
import type { Ended } from '../e2e/programs.ts';
import type { World } from '../e2e/world.ts';
import { expectTruth, startSmallWorld } from '../install/small-world.ts';
import { isThorough } from '../reporting/thorough.ts';
import { ImageBuilder } from './image.ts';
import type { ImageConfig } from './image.ts';

const RUN_IMAGE = join(import.meta.dirname, 'run-image.sh');
/** A root of Debian's packages, and the workspace installed in it. */
const BUILD_MS = 1_200_000;

describe.runIf(isThorough)('the image', () => {
  let builder: ImageBuilder;
  let folder: string;
  let root: string;
  let config: ImageConfig;
  let world: World;
  let warehouse: PostgresUnderTest;
  beforeAll(async () => {
    builder = new ImageBuilder(mkdtempSync(join(tmpdir(), 'traffic-events-image-')));
    const image = await builder.build();
    [root, config] = [await builder.rootOf(image), await builder.config(image)];
    world = await startSmallWorld();
    warehouse = await world.database();
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-configuration-'));
    // The image has a user of its own, who must be let in.
    chmodSync(folder, 0o755);
    copyFileSync(world.configFile(warehouse), join(folder, 'traffic-events.yaml'));
  }, BUILD_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await builder.remove();
    rmSync(folder, { recursive: true });
  }, BUILD_MS);

  /** A command in the image, with the environment that it declares and nothing else of this machine's. */
  const runInImage = async (...command: readonly string[]): Promise<Ended> => {
    const volume = mkdtempSync(join(tmpdir(), 'traffic-events-volume-'));
    const environment = Object.entries(world.environment()).map(
      ([name, text]) => `${name}=${text}`,
    );
    const settings = ['--ignore-environment', ...config.Env, ...environment];
    const ended = await run(RUN_IMAGE, [root, folder, volume, ...settings, ...command]);
    rmSync(volume, { recursive: true });
    return ended;
  };

  it('syncs on a root that cannot be written to, as a user without rights', async () => {
    expect(config.User).toBe('10001:10001');
    const touched = await runInImage('touch', '/usr/local/touched');
    expect(touched.stderr).toContain('Read-only file system');
    const sync = await runInImage(...config.Entrypoint, 'sync');
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, warehouse);
  });

  it('is healthy by its own check, and not without a warehouse', async () => {
    const [kind, ...check] = config.Healthcheck.Test;
    expect(kind).toBe('CMD');
    expect(await runInImage(...check)).toMatchObject({ code: 0 });
    mkdirSync(join(folder, 'other'));
    const elsewhere = world.configFile({ url: 'postgres://nobody@127.0.0.1:9/none' });
    copyFileSync(elsewhere, join(folder, 'other/traffic-events.yaml'));
    const ended = await runInImage(...check, '--config', 'other/traffic-events.yaml');
    expect(ended.code).toBe(4);
  });

  it('has the Singer programs too, and no package that only the demo needs', async () => {
    for (const program of ['tap-traffic-events', 'target-postgres', 'target-bigquery']) {
      expect(await runInImage(program, '--version')).toMatchObject({ code: 0 });
    }
    const simulate = await runInImage('traffic-events', 'simulate');
    expect(simulate.stderr).toContain('@duckdb/node-api, an optional dependency');
  });
});
