import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { ConnectionError } from '../../errors.ts';

/** As libpq names them. `allow` means `prefer` here: encryption where the server offers it. */
export const TLS_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;

export type TlsMode = (typeof TLS_MODES)[number];

export function isTlsMode(text: string): text is TlsMode {
  return (TLS_MODES as readonly string[]).includes(text);
}

export interface TlsSettings {
  readonly mode: TlsMode;
  readonly rootCert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** One way to connect: `false` for without TLS. */
export type TlsAttempt = ConnectionOptions | false;

/**
 * Ways to connect, to be tried in order where a server does not speak TLS.
 * https://www.postgresql.org/docs/18/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export async function tlsAttempts(settings: TlsSettings): Promise<readonly TlsAttempt[]> {
  const { mode } = settings;
  if (mode === 'disable') return [false];
  const files = await readFiles(settings);
  if (mode === 'allow' || mode === 'prefer')
    return [{ ...files, rejectUnauthorized: false }, false];
  // libpq checks the authority as soon as one is named, whatever the name of the host.
  if (mode === 'require' && files.ca === undefined)
    return [{ ...files, rejectUnauthorized: false }];
  const isHostChecked = mode === 'verify-full';
  return [
    {
      ...files,
      rejectUnauthorized: true,
      ...(isHostChecked ? {} : { checkServerIdentity: () => undefined }),
    },
  ];
}

async function readFiles({ rootCert, cert, key }: TlsSettings): Promise<ConnectionOptions> {
  return {
    ...(await readPem('sslrootcert', 'ca', rootCert === 'system' ? undefined : rootCert)),
    ...(await readPem('sslcert', 'cert', cert)),
    ...(await readPem('sslkey', 'key', key)),
  };
}

async function readPem(
  setting: string,
  option: 'ca' | 'cert' | 'key',
  path: string | undefined,
): Promise<ConnectionOptions> {
  if (path === undefined || path === '') return {};
  try {
    return { [option]: await readFile(path, 'utf8') };
  } catch (error) {
    throw new ConnectionError(`${setting}: cannot read ${path}. Correct the path.`, {
      action: 'fatal',
      cause: error,
    });
  }
}
