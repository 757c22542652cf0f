import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { EXIT } from '@traffic-events/program';
import type { Config } from '../config.ts';
import type { CheckResult } from './check-result.ts';

/** Less than this is soon full. */
const SCARCE_BYTES = 2 ** 30;

/** Where results stand until they are loaded, and where they are kept. */
export async function checkFolders({ archive }: Config): Promise<CheckResult[]> {
  return [
    checkFolder('spool', tmpdir(), 'name another folder in TMPDIR'),
    ...(archive === undefined
      ? []
      : [checkFolder('archive', resolve(archive), 'name another folder as archive')]),
  ];
}

function checkFolder(what: string, folder: string, next: string): CheckResult {
  const result = { what, next: null, code: EXIT.done } as const;
  try {
    const there = existing(folder);
    if (!statSync(there).isDirectory()) return inTheWay(what, folder, there, next);
    accessSync(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(there);
    const free = bavail * bsize;
    const detail = `${folder}: ${(free / 2 ** 30).toFixed(1)} GiB free`;
    return free < SCARCE_BYTES
      ? { ...result, outcome: 'warning', detail, next: `make room, or ${next}` }
      : { ...result, outcome: 'ok', detail };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail = `${folder} cannot be written to (${code})`;
    return { what, outcome: 'failed', detail, next, code: EXIT.configuration };
  }
}

function inTheWay(what: string, folder: string, there: string, next: string): CheckResult {
  const detail = `${folder} cannot be written to: ${there} is a file and no folder`;
  return { what, outcome: 'failed', detail, next, code: EXIT.configuration };
}

/** The archive is made when it is first needed: what counts is the folder that it is made in. */
function existing(folder: string): string {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : existing(above);
}
