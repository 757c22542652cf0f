import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresUnderTest } from '../e2e/postgres-under-test.ts';
import { World } from '../e2e/world.ts';
import { isThorough } from '../reporting/thorough.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BROKEN_OFF = 128 + 15;

/** What goes on until it is stopped, and what it says once it is up. */
const SERVICES: readonly (readonly [command: string, isUp: RegExp])[] = [
  ['sync --every', /service\.run_ended/],
  ['serve', /page\.served/],
];

let world: World;
let database: PostgresUnderTest;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'traffic-events-walks-'));
  world = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' }],
    from: '2026-01-29',
    days: 3,
    streams: ['dsp_impressions'],
    now: '2026-02-01T06:00:00Z',
  });
  database = await world.database();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** The calls of the command in the blocks of a page, in their order. */
function callsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```\n([\s\S]*?)^ *```/gm)];
  return blocks.flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('traffic-events ')),
  );
}

/** What a user types, in the folder of the configuration; whoever is asked for consent gives it. */
async function type(line: string): Promise<{ code: number | null; output: string }> {
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
  const env = { ...process.env, ...world.environment(), PATH };
  const child = spawn('sh', ['-c', `exec ${line}`], { cwd: folder, env });
  child.stdin.end();
  const [, isUp] = SERVICES.find(([command]) => line.includes(command)) ?? [];
  let output = '';
  let [hasConsented, isStopped] = [false, false];
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    const [, consent] = / (http\S+\/ap\/oa\?\S+)\n/.exec(output) ?? [];
    if (consent !== undefined && !hasConsented) {
      hasConsented = true;
      void fetch(consent);
    }
    if (isUp?.test(output) === true && !isStopped) isStopped = child.kill('SIGTERM');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function expectWell(line: string): Promise<string> {
  const isService = SERVICES.some(([command]) => line.includes(command));
  const { code, output } = await type(line);
  expect([line, code], output).toEqual([line, isService ? BROKEN_OFF : 0]);
  return output;
}

describe.runIf(isThorough)('what a page says works as it is written', () => {
  test('the quick start, from nothing to a page', { timeout: 240_000 }, async () => {
    const [init = '', ...others] = callsOf('docs/quick-start.md');
    await expectWell(init);
    // What a user fills in: whose events, and the warehouse.
    const config = world.configFile(database, { consent_url: `${world.simulator.url}/ap/oa` });
    copyFileSync(config, join(folder, 'traffic-events.yaml'));
    for (const line of others) await expectWell(line);
    const [held] = await database.query<{ dates: number }>(
      'SELECT count(DISTINCT event_date)::int AS dates FROM dsp_impressions',
    );
    expect(held).toEqual({ dates: 3 });
  });

  test('the calls of the FAQ', { timeout: 120_000 }, async () => {
    const [status = '', query = '', ...others] = callsOf('docs/faq.md');
    expect(await expectWell(status)).toContain('"open_dates"');
    expect(await expectWell(query)).toMatch(/^n\r?\n\d+/m);
    for (const line of others) await expectWell(line);
  });
});
