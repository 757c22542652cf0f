import { statSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';

/** A folder that is not there, because its disk is not mounted for instance, is no empty archive. */
export function refuseNoArchive(folder: string): void {
  if (isFolder(folder)) return;
  throw new ConfigError(
    `archive: ${folder} is no folder that is there. Mount it, or name the one that holds the raw results.`,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
