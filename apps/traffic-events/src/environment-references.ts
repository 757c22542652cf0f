import { readFileSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` in every text by the environment's value, or by what the file holds that NAME_FILE
 * names; `${NAME:-other}` stands for `other` where there is neither. `keys` says where in messages.
 */
export function withEnvironment(
  value: unknown,
  keys: string,
  environment: NodeJS.ProcessEnv,
): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_, name: string, otherwise: string | undefined) => {
      const found = environmentValue(name, keys, environment) ?? otherwise;
      if (found !== undefined) return found;
      throw new ConfigError(
        `${keys}: the environment variable ${name} is ${ownValue(name, environment) === '' ? 'empty' : 'not set'}. Set it, in .env for instance, or ${name}_FILE to a file that holds it, or write the value here.`,
      );
    });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => withEnvironment(item, `${keys}[${index}]`, environment));
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      withEnvironment(item, `${keys}${keys.includes(': ') ? '.' : ': '}${key}`, environment),
    ]),
  );
}

/** The name of the variable that a text refers to, where it is nothing but that reference. */
export function referredName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [whole, name] = new RegExp(REFERENCE.source).exec(value) ?? [];
  return whole === value ? name : undefined;
}

/** An empty variable is as good as none: `.env` has empty lines for what is still to be filled in. */
function environmentValue(
  name: string,
  keys: string,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const fileName = `${name}_FILE`;
  const [value, path] = [ownValue(name, environment), ownValue(fileName, environment)];
  if (!path) return value || undefined;
  if (value) {
    throw new ConfigError(`${keys}: both ${name} and ${fileName} are set. Keep one of them.`);
  }
  return readSecret(path, `${keys}: ${fileName}`) || undefined;
}

function ownValue(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function readSecret(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(
      `${what} is ${JSON.stringify(path)}, which cannot be read (${code ?? message}).`,
      { cause },
    );
  }
}
