import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';

const HEAD = '# Read by the programs. Keep it out of version control.\n';

/** `NAME=value` as `.env` files and shells read it. */
export function envLine(name: string, value: string): string {
  if (/^[\w.,:/@+=%-]*$/.test(value)) return `${name}=${value}`;
  const quote = value.includes("'") ? '"' : "'";
  if (!value.includes(quote) && !/[\r\n]/.test(value)) return `${name}=${quote}${value}${quote}`;
  throw new ConfigError(
    `The value of ${name} has both kinds of quotes, or a line break, which no .env file can hold. Keep it in a file of its own, and name that in ${name}_FILE.`,
  );
}

/**
 * Sets the variables in a `.env` file, each in its place or at the end; an absent one is taken out.
 * The file is replaced whole, and readable for its owner alone.
 */
export function setEnvLines(
  path: string,
  values: Readonly<Record<string, string | undefined>>,
): void {
  const text = Object.entries(values).reduce(
    (lines, [name, value]) => withLine(lines, name, value),
    readText(path),
  );
  const target = realPath(path);
  const draft = `${target}.${randomUUID().slice(0, 8)}`;
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600 });
    renameSync(draft, target);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${path} cannot be written (${code ?? message}).`, { cause });
  }
}

function withLine(text: string, name: string, value: string | undefined): string {
  const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*(?:\\n|$)`, 'gm');
  const added = value === undefined ? '' : `${envLine(name, value)}\n`;
  let isSet = false;
  const replaced = text.replace(line, () => {
    const first = isSet ? '' : added;
    isSet = true;
    return first;
  });
  if (isSet || added === '') return replaced;
  return `${replaced}${replaced === '' || replaced.endsWith('\n') ? '' : '\n'}${added}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return HEAD;
    throw new ConfigError(`${path} cannot be read (${code ?? message}).`, { cause });
  }
}

/** Where a link leads, so that it stays one. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
