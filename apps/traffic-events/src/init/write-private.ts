import { writeFileSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';

/** Writes a file that only its owner can read; false where one is there already, which stays. */
export function writePrivate(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new ConfigError(`${path} cannot be written (${code}). Name another file with --config.`, {
      cause,
    });
  }
}
