import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasPython, peerFolder } from '../conformance/python-peers.ts';
import { isThorough } from '../reporting/thorough.ts';

const CONTAINER = resolve(import.meta.dirname, '../../container');

interface Service {
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly read_only: boolean;
}

describe.runIf(isThorough && hasPython())('the Dockerfile', () => {
  it('has nothing that hadolint finds', async () => {
    const hadolint = join(await peerFolder('hadolint'), 'hadolint');
    const { stdout, status } = spawnSync(hadolint, [join(CONTAINER, 'Dockerfile')]);
    expect([stdout.toString(), status]).toEqual(['', 0]);
  });
});

describe('the daily sync of compose.yaml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-events-compose-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function stub(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  function startDaily() {
    const text = readFileSync(join(CONTAINER, 'compose.yaml'), 'utf8');
    const { sync } = (parse(text) as { services: { sync: Service } }).services;
    expect(sync.read_only).toBe(true);
    // Compose takes $$ for a dollar sign of the command's own.
    const [shell = '', ...args] = [...sync.entrypoint, ...sync.command].map((word) =>
      word.replaceAll('$$', '$'),
    );
    return spawn(shell, args, { env: { PATH: `${folder}:${process.env['PATH']}` } });
  }

  it('runs again after a run that failed, and says with what it ended', async () => {
    stub('traffic-events', 'echo "$@"; exit 6');
    stub('sleep', 'exec /bin/sleep 0.1');
    const daily = startDaily();
    let [runs, errors] = ['', ''];
    daily.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    for await (const chunk of daily.stdout) {
      runs += String(chunk);
      if (runs.split('\n').length > 2) break;
    }
    daily.kill('SIGTERM');
    expect(runs).toMatch(/^sync --log-format json\nsync --log-format json\n/);
    expect(errors).toContain('traffic-events sync ended with 6');
  });

  it('lets a run that a stop interrupts end by itself', async () => {
    stub(
      'traffic-events',
      'trap "echo wound up; exit 143" TERM; echo started; while :; do /bin/sleep 0.1; done',
    );
    const daily = startDaily();
    let printed = '';
    daily.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(daily.stdout, 'data');
    daily.kill('SIGTERM');
    await once(daily, 'exit');
    expect(printed).toBe('started\nwound up\n');
  });
});
