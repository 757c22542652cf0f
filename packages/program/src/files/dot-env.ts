import { ConfigError } from '../config-error.ts';

/** Adds what a `.env` of the working folder says to the environment, which wins. */
export function loadDotEnv(): void {
  try {
    process.loadEnvFile('.env');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new ConfigError(`.env: cannot be read (${code ?? message}).`, { cause });
  }
}
