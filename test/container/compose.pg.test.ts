import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../e2e/programs.ts';
import { ServiceProcess } from '../e2e/service-process.ts';
import type { World } from '../e2e/world.ts';
import { expectTruth, startSmallWorld } from '../install/small-world.ts';

interface ComposeService {
  readonly command: readonly string[];
  readonly read_only: boolean;
  readonly healthcheck: { readonly test: readonly string[] };
}

const text = readFileSync(resolve(import.meta.dirname, '../../container/compose.yaml'), 'utf8');
const { sync } = (parse(text) as { services: { sync: ComposeService } }).services;

let world: World;
beforeAll(async () => {
  world = await startSmallWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it('compose.yaml runs a service that syncs, and knows whether it is healthy', async () => {
  expect(sync.read_only).toBe(true);
  const [kind, , ...check] = sync.healthcheck.test;
  expect(kind).toBe('CMD');
  const warehouse = await world.database();
  const args = [...sync.command, '--config', world.configFile(warehouse)];
  {
    await using service = new ServiceProcess(args, world.environment());
    expect(await service.line('service.run_ended')).toMatchObject({ exit_code: 0 });
    await service.line('service.waiting', 2);
    await expectTruth(world, warehouse);
    expect(await run(process.execPath, check)).toMatchObject({ code: 0 });
    service.signal('SIGTERM');
    expect(await service.end()).toBe(143);
  }
  expect(await run(process.execPath, check)).toMatchObject({ code: 1 });
});
