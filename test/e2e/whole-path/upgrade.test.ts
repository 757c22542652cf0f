import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../../reporting/thorough.ts';
import { contentOf, heldOf, truthOf } from '../oracle.ts';
import { ended, run, runPipe, start } from '../programs.ts';
import type { Ended } from '../programs.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import { World } from '../world.ts';

/** The first version that others could have used. */
const FIRST = '2f9b52b';
const ROOT = resolve(import.meta.dirname, '../../..');
const ACCOUNT = 'DE:dsp:590122334455667788';
const STREAMS = ['dsp_impressions', 'dsp_clicks'] as const;
/** From the start of a program; what is there is brought up to date in between. */
const KILLED_AFTER_MS = [500, 900, 1300, 1700];
const DAY_MS = 86_400_000;
/** Packages of another day are downloaded. */
const SETUP_MS = 600_000;

describe.runIf(isThorough && warehouseKind.isHere())(`a warehouse of the version ${FIRST}`, () => {
  let folder: string;
  let world: World;
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-first-'));
    const archive = execFileSync('git', ['archive', FIRST], { cwd: ROOT, maxBuffer: 1e9 });
    execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
    execFileSync('npm', ['run', '--silent', 'setup'], { cwd: folder, env: plainEnvironment() });
    world = await World.start({
      accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
      from: '2026-01-05',
      days: warehouseKind.days,
      now: '2026-01-08T06:00:00Z',
      streams: STREAMS,
    });
    warehouse = await world.warehouse(warehouseKind);
  }, SETUP_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** The same configuration, which names nothing that the first version did not know. */
  const command = (program: string, ...args: string[]): Promise<Ended> =>
    run(program, [...args, '--config', world.configFile(warehouse)], world.environment());
  const current = (...args: string[]) => command('traffic-events', ...args);
  const first = (...args: string[]) =>
    command(join(folder, 'node_modules/.bin/traffic-events'), ...args);

  /** A sync that dies, wherever it is by then. */
  async function killed(delayMs: number): Promise<void> {
    const args = ['sync', '--config', world.configFile(warehouse)];
    const child = start('traffic-events', args, world.environment());
    const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    await ended(child);
    clearTimeout(timer);
  }

  /** `tap | target` of the first version, which starts without a state. */
  const firstPipe = () =>
    runPipe({
      directory: folder,
      bin: join(folder, 'node_modules/.bin'),
      tapConfig: world.tapConfig(),
      environment: world.environment(),
      target: warehouse.target,
    });

  const contents = async () => {
    const all = [];
    for (const stream of STREAMS) all.push(await contentOf(warehouse, stream));
    const ledger = `SELECT extraction_id FROM ${warehouse.nameOf('extractions')} ORDER BY 1`;
    return [...all, await warehouse.query(ledger)];
  };

  test('goes on under this one, also after kills, sums equal the truth, and the old one stops at it', async () => {
    expect(await first('sync')).toMatchObject({ code: 0 });
    const loaded = await contentOf(warehouse, 'dsp_impressions');
    expect(loaded).not.toEqual([]);
    expect(await current('verify')).toMatchObject({ code: 0 });
    world.clock.advanceTo(world.clock.now() + 5 * DAY_MS);
    for (const delayMs of KILLED_AFTER_MS) await killed(delayMs);
    const went = await current('sync');
    expect(went, went.stderr).toMatchObject({ code: 0 });
    for (const stream of STREAMS) {
      const truth = await truthOf(world.simulator, stream, ACCOUNT, world.dates);
      expect(await heldOf(warehouse, stream, ACCOUNT, world.dates), stream).toEqual(truth);
    }
    expect(await current('verify')).toMatchObject({ code: 0 });
    expect(await current('views')).toMatchObject({ code: 0 });
    const whole = await contents();
    expect(await first('sync')).toMatchObject({ code: 4 });
    expect(await firstPipe()).toMatchObject({ target: { code: 4 }, states: [] });
    expect(await contents()).toEqual(whole);
  });
});

/** Without what this run tells its own processes. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isOwn = /^(?:NODE_OPTIONS|NODE_COMPILE_CACHE|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOwn.test(name)));
}
