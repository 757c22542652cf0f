import { readFile, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { ConnectionSettingError } from '../../errors.ts';
import type { ConnectionParts, Host } from './connection-parts.ts';
import { homeFile } from './home-file.ts';

const READABLE_BY_OTHERS = 0o077;

/**
 * The password for a host: given, or of the file that libpq would look into.
 * https://www.postgresql.org/docs/18/libpq-pgpass.html
 */
export async function passwordFor(
  { password, passFile, database, user }: ConnectionParts,
  host: Host,
): Promise<string | undefined> {
  if (password !== undefined) return password;
  const text = await passFileText(passFile);
  const wanted = [host.name, String(host.port), database, user];
  for (const line of text.split(/\r?\n/)) {
    const fields = fieldsOf(line);
    const isMeant = wanted.every((value, at) => fields[at] === '*' || fields[at] === value);
    if (!line.startsWith('#') && isMeant) return fields[wanted.length];
  }
  return undefined;
}

async function passFileText(passFile: string | undefined): Promise<string> {
  const path = passFile ?? homeFile('.pgpass');
  if (path === undefined) return '';
  try {
    if (platform() !== 'win32') refuseReadable(path, (await stat(path)).mode);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ConnectionSettingError) throw error;
    if (passFile === undefined) return '';
    throw new ConnectionSettingError(`passfile: cannot read ${path}. Correct the path.`, error);
  }
}

function refuseReadable(path: string, mode: number): void {
  if ((mode & READABLE_BY_OTHERS) === 0) return;
  throw new ConnectionSettingError(
    `passfile: others than its owner may use ${path}. Run chmod 600 on it.`,
  );
}

/** Split at colons; a backslash takes what follows it as it is. */
function fieldsOf(line: string): string[] {
  const fields = line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? [];
  return fields.map((field) => field.replace(/:$/, '').replaceAll(/\\(.)/g, '$1'));
}
