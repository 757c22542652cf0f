import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, with little room. */
export interface TinyDisk extends Disposable {
  readonly folder: string;
  /** Has it refuse every change. */
  makeReadOnly(): void;
}

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });

/** Whether this user may mount one: root may, on Linux. */
export function canMount(): boolean {
  try {
    tinyDisk(64)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

/** Mounts a disk of so many KiB; throws where that is not allowed. */
export function tinyDisk(kibibytes: number): TinyDisk {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-disk-'));
  try {
    mount('-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    makeReadOnly: () => void mount('-o', 'remount,ro', folder),
    [Symbol.dispose]: () => {
      execFileSync('umount', [folder], { stdio: 'pipe' });
      rmSync(folder, { recursive: true });
    },
  };
}
