import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { isThorough } from '../reporting/thorough.ts';
import { hasPython, peerFolder } from './python-peers.ts';
import { runProgram } from './run-program.ts';
import { TapWorld } from './tap-world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TAP = join(ROOT, 'node_modules/.bin/tap-traffic-events');
const INSTALL_MS = 300_000;

/** What the tap prints in a first run, and in a second one that starts from its state. */
let output: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  await using world = await TapWorld.start('2026-01-07T06:00:00Z');
  environment = world.environment;
  const config = world.file('config.json', world.config('2026-01-01'));
  const first = await runProgram(TAP, ['--config', config], { environment });
  const last = first.stdout.trimEnd().split('\n').at(-1) ?? '';
  const state = world.file('state.json', (JSON.parse(last) as { value: unknown }).value);
  const second = await runProgram(TAP, ['--config', config, '--state', state], {
    environment: world.environment,
  });
  if (first.code !== 0 || second.code !== 0) throw new Error(first.stderr + second.stderr);
  output = first.stdout + second.stdout;
}, 120_000);

describe.runIf(isThorough && hasPython())('Python programs', () => {
  it(
    'singer-check-tap finds the output valid',
    async () => {
      const check = join(await peerFolder('singer-tools'), 'singer-check-tap');
      const { code, stdout, stderr } = await runProgram(check, [], { environment, input: output });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('The output is valid.');
    },
    INSTALL_MS,
  );

  it(
    'singer-python reads every line, with every digit of an id',
    async () => {
      const python = join(await peerFolder('singer-tools'), 'python');
      const script = `
import json, sys, singer
kinds, ids = {}, set()
for line in sys.stdin:
    message = singer.parse_message(line)
    kinds[type(message).__name__] = kinds.get(type(message).__name__, 0) + 1
    if type(message).__name__ == 'RecordMessage' and 'advertiser_id' in message.record:
        ids.add(str(message.record['advertiser_id']))
print(json.dumps({'kinds': sorted(kinds), 'lines': sum(kinds.values()), 'ids': sorted(ids)}))`;
      const args = ['-c', script];
      const { code, stdout } = await runProgram(python, args, { environment, input: output });
      expect(code).toBe(0);
      const read = JSON.parse(stdout) as { kinds: string[]; lines: number; ids: string[] };
      expect(read.kinds).toEqual(['RecordMessage', 'SchemaMessage', 'StateMessage']);
      expect(read.lines).toBe(output.trimEnd().split('\n').length);
      expect(read.ids).toContain('584930219384756193');
    },
    INSTALL_MS,
  );
});

it(
  'singer-node reads every line',
  async () => {
    // Its licence would bind the whole product: it is no dependency, but tried from a folder apart.
    const folder = join(ROOT, '.venv/singer-node-0.1.1');
    if (!existsSync(join(folder, 'node_modules/singer-node'))) {
      mkdirSync(folder, { recursive: true });
      const args = ['install', '--prefix', folder, '--no-save', '--silent', 'singer-node@0.1.1'];
      execFileSync('npm', args, { stdio: 'ignore' });
    }
    const script = `
const { parse_message } = require('singer-node');
const lines = require('fs').readFileSync(0, 'utf8').trimEnd().split('\\n');
const kinds = new Set(lines.map((line) => parse_message(line).type));
console.log(JSON.stringify({ lines: lines.length, kinds: [...kinds].sort() }));`;
    const options = { environment, folder, input: output };
    const { code, stdout, stderr } = await runProgram(process.execPath, ['-e', script], options);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      lines: output.trimEnd().split('\n').length,
      kinds: ['RECORD', 'SCHEMA', 'STATE'],
    });
  },
  INSTALL_MS,
);
