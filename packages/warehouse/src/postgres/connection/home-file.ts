import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A file where libpq looks for it unless it is told otherwise; undefined for a user without a home,
 * as in containers.
 */
export function homeFile(...names: readonly string[]): string | undefined {
  try {
    return join(homedir(), ...names);
  } catch {
    return undefined;
  }
}
