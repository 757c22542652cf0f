import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';
import { World } from './world.ts';

const BIN = resolve(import.meta.dirname, '../../node_modules/.bin');

test.each([
  ['tap-traffic-events', ['--discover']],
  ['tap-traffic-events', ['--about', '--format', 'markdown']],
  ['target-postgres', ['--about', '--format', 'json']],
  ['traffic-events', ['init', '--config', '/dev/null/none']],
])('%s %j ends without a stack trace where nobody reads on', async (program, args) => {
  const child = spawn(resolve(BIN, program), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
});

/** More than a pipe holds, of which nobody reads a byte. */
test.runIf(isThorough)(
  'a tap whose reader stands still ends within ten seconds of SIGTERM',
  async () => {
    await using world = await World.start({
      accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' }],
      from: '2026-01-05',
      days: 20,
      eventsPerDay: 2000,
      now: '2026-01-28T06:00:00Z',
    });
    const folder = mkdtempSync(join(tmpdir(), 'stands-still-'));
    const config = join(folder, 'tap.json');
    writeFileSync(config, JSON.stringify(world.tapConfig()));
    const child = spawn(resolve(BIN, 'tap-traffic-events'), ['--config', config], {
      env: { ...process.env, ...world.environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pause();
    const exited = once(child, 'exit');
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await expect
      .poll(async () => (await stands(() => stderr)) && stderr.includes('slice.loaded'), {
        timeout: 60_000,
      })
      .toBe(true);
    const began = performance.now();
    child.kill('SIGTERM');
    expect((await exited)[0], stderr).toBe(143);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(stderr).toContain('The reader of the messages reads nothing any more');
    rmSync(folder, { recursive: true });
  },
  120_000,
);

/** Whether nothing comes any more. */
async function stands(log: () => string): Promise<boolean> {
  const before = log();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return log() === before;
}
