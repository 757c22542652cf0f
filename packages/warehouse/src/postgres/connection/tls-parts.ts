import { ConnectionSettingError } from '../../errors.ts';
import type { Lookup, TLS_MODES } from './known-parameters.ts';

export type TlsMode = (typeof TLS_MODES)[number];

/** How a connection is encrypted, and who is trusted. Files are named, not read. */
export interface TlsParts {
  readonly mode: TlsMode;
  /** A file, or `system` for what this machine trusts. */
  readonly rootCert: string | undefined;
  readonly crl: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly keyPassword: string | undefined;
  /** Whether a server may have the certificate of this client. */
  readonly isCertSent: boolean;
  /** Begins with TLS at once, instead of asking whether there is any. */
  readonly isDirect: boolean;
  readonly minVersion: string | undefined;
  readonly maxVersion: string | undefined;
}

/** https://www.postgresql.org/docs/18/libpq-ssl.html */
export function tlsParts(look: Lookup): TlsParts {
  const rootCert = look('sslrootcert');
  const isSystem = rootCert === 'system';
  const mode = (look('sslmode') ?? (isSystem ? 'verify-full' : 'prefer')) as TlsMode;
  if (isSystem && mode !== 'verify-full') tooWeak(mode, 'sslrootcert=system', 'verify-full');
  if (mode === 'disable' && look('channel_binding') === 'require')
    tooWeak(mode, 'channel_binding=require', 'require, verify-ca or verify-full');
  const isDirect = look('sslnegotiation') === 'direct';
  if (isDirect && ['disable', 'allow', 'prefer'].includes(mode))
    tooWeak(mode, 'sslnegotiation=direct', 'require, verify-ca or verify-full');
  return {
    mode,
    rootCert,
    crl: look('sslcrl'),
    cert: look('sslcert'),
    key: look('sslkey'),
    keyPassword: look('sslpassword'),
    isCertSent: look('sslcertmode') !== 'disable',
    isDirect,
    minVersion: look('ssl_min_protocol_version'),
    maxVersion: look('ssl_max_protocol_version'),
  };
}

function tooWeak(mode: TlsMode, beside: string, expected: string): never {
  throw new ConnectionSettingError(
    `sslmode=${mode} is too weak for ${beside}. Set sslmode to ${expected}.`,
  );
}
