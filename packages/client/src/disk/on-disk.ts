import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

import { DiskError } from '../errors/disk-error.ts';

/** A folder that something is written to. */
export interface DiskPlace {
  readonly folder: string;
  /** What the folder is for, in words. */
  readonly purpose: string;
  /** Bytes that the work may need; undefined where nobody knows. */
  readonly neededBytes?: number | undefined;
  /** What to do where it cannot be written; a sentence. */
  readonly cure: string;
}

/** What the system says of a disk without room, and of a folder that cannot be written at all. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'has no room',
  EDQUOT: 'has no room left in its quota',
  EFBIG: 'takes no file of that size',
  EROFS: 'is read-only',
  EACCES: 'does not let this user write',
  EPERM: 'does not let this user write',
  ENOENT: 'is not there',
  ENOTDIR: 'is no folder',
  EEXIST: 'is no folder',
  EIO: 'is on a disk that fails',
  EMFILE: 'needs more files open at a time than this process may have',
  ENFILE: 'needs more files open at a time than this machine may have',
};
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Runs work that writes below a folder. Throws DiskError where the folder or its disk is at fault. */
export async function onDisk<T>(place: DiskPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = isElsewhere(place, error) ? undefined : await causeOf(place, codeOf(error));
    if (code === undefined || PROBLEMS[code] === undefined) throw error;
    throw await diskError(place, code, error);
  }
}

/**
 * Throws DiskError where a folder has less room than is needed: what cannot fit must not take the
 * room of what can, not even for a while.
 */
export async function requireRoom(place: DiskPlace): Promise<void> {
  const { folder, neededBytes = 0 } = place;
  const freeBytes = await freeBytesOf(folder);
  if (freeBytes !== undefined && freeBytes < neededBytes) throw await diskError(place, 'ENOSPC');
}

async function diskError(place: DiskPlace, code: string, cause?: unknown): Promise<DiskError> {
  const { folder, purpose, cure } = place;
  const isFull = FULL.has(code);
  const amounts = isFull ? await amountsOf(place) : '';
  return new DiskError(
    `${folder}, which holds ${purpose}, ${PROBLEMS[code]} (${code})${amounts}. ${cure}`,
    { folder, isFull, cause },
  );
}

/** Whether an error is about a file that is not below the folder: one that is read, say. */
function isElsewhere({ folder }: DiskPlace, error: unknown): boolean {
  const path = error instanceof Error && 'path' in error ? error.path : undefined;
  return typeof path === 'string' && relative(folder, path).startsWith('..');
}

/** Of the system's own errors only: others use such codes for things of their own. */
function codeOf(error: unknown): string | undefined {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  return isSystem ? String(error.code) : undefined;
}

/** Making a folder of several levels fails as not there where its root does not let it be made. */
async function causeOf(
  { folder }: DiskPlace,
  code: string | undefined,
): Promise<string | undefined> {
  if (code !== 'ENOENT') return code;
  try {
    await access(await existing(folder), constants.W_OK);
    return code;
  } catch (error) {
    return codeOf(error) ?? code;
  }
}

/** The folder, or the nearest one above it that is there. */
async function existing(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}

async function amountsOf({ folder, neededBytes }: DiskPlace): Promise<string> {
  const freeBytes = await freeBytesOf(folder);
  const needed =
    neededBytes === undefined
      ? 'nobody knows how much is needed'
      : `${neededBytes} bytes are needed`;
  return freeBytes === undefined ? `: ${needed}` : `: ${needed}, ${freeBytes} are free`;
}

/** Of the folder, or of what it was to be made in; undefined where the system does not tell. */
async function freeBytesOf(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(await existing(folder));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
