import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasPython, peerFolder } from '../conformance/python-peers.ts';
import { isThorough } from '../reporting/thorough.ts';

const CONTAINER = resolve(import.meta.dirname, '../../container');

describe.runIf(isThorough && hasPython())('the Dockerfile', () => {
  it('has nothing that hadolint finds', async () => {
    const hadolint = join(await peerFolder('hadolint'), 'hadolint');
    const { stdout, status } = spawnSync(hadolint, [join(CONTAINER, 'Dockerfile')]);
    expect([stdout.toString(), status]).toEqual(['', 0]);
  });
});
