import { ConfigError } from '@traffic-events/program';

/**
 * Loads what serves a command that needs optional dependencies: they hold binaries, are many times
 * the size of the program, and an installation may leave them out.
 */
export async function loadOptional<Module>(
  command: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const [, name] = /Cannot find package '([^']+)'/.exec(String(cause)) ?? [];
    if (name === undefined) throw cause;
    throw new ConfigError(
      `"${command}" needs ${name}, an optional dependency that is not installed here. Install again with: npm install --include=optional`,
      { cause },
    );
  }
}
