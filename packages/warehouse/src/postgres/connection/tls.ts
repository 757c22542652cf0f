import { access, readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { ConnectionSettingError } from '../../errors.ts';
import { homeFile } from './home-file.ts';
import type { TlsParts } from './tls-parts.ts';

/** One way to connect: `false` for without TLS. */
export type TlsAttempt = ConnectionOptions | false;

/**
 * Ways to connect, to be tried in order where a server has or wants no TLS, or no other.
 * https://www.postgresql.org/docs/18/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export async function tlsAttempts(parts: TlsParts): Promise<readonly TlsAttempt[]> {
  const { mode } = parts;
  if (mode === 'disable') return [false];
  const secure = await secureOptions(parts);
  if (mode === 'allow') return [false, secure];
  return mode === 'prefer' ? [secure, false] : [secure];
}

async function secureOptions(parts: TlsParts): Promise<ConnectionOptions> {
  const { mode, minVersion, maxVersion, keyPassword } = parts;
  const authorities = await authoritiesOf(parts);
  return {
    ...authorities,
    ...(await pem('crl', 'sslcrl', parts.crl)),
    ...(parts.isCertSent ? await clientCertificate(parts) : {}),
    ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
    ...(minVersion === undefined ? {} : { minVersion: minVersion as SecureVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion: maxVersion as SecureVersion }),
    // libpq checks the authority as soon as one is named, and the name only where it is told to.
    rejectUnauthorized: authorities.ca !== undefined,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function authoritiesOf({ mode, rootCert }: TlsParts): Promise<ConnectionOptions> {
  if (rootCert === 'system') return { ca: systemAuthorities() };
  const path = rootCert ?? (await ownFile('root.crt'));
  if (path !== undefined) return pem('ca', 'sslrootcert', path);
  if (mode !== 'verify-ca' && mode !== 'verify-full') return {};
  throw new ConnectionSettingError(
    `sslmode=${mode} needs the certificate of an authority. Set sslrootcert to its file, or to system for the authorities that this machine trusts (with verify-full).`,
  );
}

function systemAuthorities(): string[] {
  const installed = getCACertificates('system');
  return installed.length > 0 ? installed : getCACertificates('default');
}

async function clientCertificate({ cert, key }: TlsParts): Promise<ConnectionOptions> {
  const certPath = cert ?? (await ownFile('postgresql.crt'));
  if (certPath === undefined) return {};
  const keyPath = key ?? (await ownFile('postgresql.key'));
  if (keyPath === undefined)
    throw new ConnectionSettingError('sslcert is set, but not the key to it. Set sslkey.');
  return {
    ...(await pem('cert', 'sslcert', certPath)),
    ...(await pem('key', 'sslkey', keyPath)),
  };
}

/** The file of the user's own, if there is one. */
async function ownFile(name: string): Promise<string | undefined> {
  const path = homeFile('.postgresql', name);
  if (path === undefined) return undefined;
  return access(path).then(
    () => path,
    () => undefined,
  );
}

async function pem(
  option: 'ca' | 'crl' | 'cert' | 'key',
  parameter: string,
  path: string | undefined,
): Promise<ConnectionOptions> {
  if (path === undefined) return {};
  // Some configs hold the certificate itself.
  if (path.includes('-----BEGIN ')) return { [option]: path };
  try {
    return { [option]: await readFile(path, 'utf8') };
  } catch (error) {
    throw new ConnectionSettingError(`${parameter}: cannot read ${path}. Correct the path.`, error);
  }
}
