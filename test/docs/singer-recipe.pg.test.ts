import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../e2e/world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The lines that the README gives to run the Singer programs by hand. */
const RECIPE = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```\n([\s\S]*?)^```/gm)]
  .map(([, block = '']) => block)
  .find((block) => block.includes('tap-traffic-events --config tap.json'));

let world: World;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'traffic-events-recipe-'));
  world = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
    from: '2026-01-05',
    days: 2,
    now: '2026-01-20T06:00:00Z',
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const write = (name: string, value: object) =>
  writeFileSync(join(folder, name), JSON.stringify(value));

const runRecipe = () =>
  new Promise<string>((done) => {
    const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
    const env = { ...process.env, ...world.environment(), PATH };
    execFile('sh', ['-c', RECIPE ?? ''], { cwd: folder, env }, (_error, _stdout, stderr) =>
      done(stderr),
    );
  });

test('the lines of the README work on a first run, and keep the state while the target is down', async () => {
  const database = await world.database();
  write('tap.json', { ...world.tapConfig(), streams: ['dsp_impressions'] });
  write('target.json', database.target.config);
  const first = await runRecipe();
  const state = readFileSync(join(folder, 'state.json'), 'utf8');
  expect(JSON.parse(state), first).toHaveProperty('bookmarks.dsp_impressions');
  write('target.json', { ...database.target.config, url: 'postgresql://u:p@127.0.0.1:9/none' });
  expect(await runRecipe()).toContain('127.0.0.1:9');
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe(state);
  write('target.json', database.target.config);
  await runRecipe();
  expect(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))).toHaveProperty('bookmarks');
});
