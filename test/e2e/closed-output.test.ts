import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

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
