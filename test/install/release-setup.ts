import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { hasPython } from '../conformance/python-peers.ts';
import { isThorough } from '../reporting/thorough.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the tarballs and wheels of this very tree. */
    releaseFolder: string;
  }
}

const RELEASE = resolve(import.meta.dirname, '../../release/src/main.ts');

/** `globalSetup` of the tests that install what a release gives. */
export default async function buildRelease(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'traffic-events-release-'));
  const options = isThorough && hasPython() ? [] : ['--no-wheels'];
  await promisify(execFile)(process.execPath, [RELEASE, folder, ...options]);
  project.provide('releaseFolder', folder);
  return () => rm(folder, { recursive: true });
}
