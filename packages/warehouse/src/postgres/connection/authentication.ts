import type pg from 'pg';
import { ConnectionSettingError } from '../../errors.ts';
import type { ConnectionParts } from './connection-parts.ts';

/** Ways to authenticate, as require_auth names them; `none` where a server asks for nothing. */
const METHODS = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'];
const BOUND = 'SCRAM-SHA-256-PLUS';
const NOT_BOUND =
  'channel_binding=require, but the server does not bind: that takes TLS and SCRAM passwords.';

/**
 * Ends the connection before a password is sent in a way that was not asked for. To be called
 * before the client connects.
 */
export function guardAuthentication(
  client: pg.Client,
  { channelBinding, requireAuth }: Pick<ConnectionParts, 'channelBinding' | 'requireAuth'>,
): void {
  const isAllowed = allowedMethods(requireAuth);
  const { connection } = client;
  let isAsked = false;
  let isProven = false;
  const refuse = (problem: string) =>
    connection.stream.destroy(new ConnectionSettingError(problem));
  const check = (method: string, mechanisms: readonly string[] = []) => {
    isAsked = true;
    if (!isAllowed(method))
      refuse(`the server asks for ${method}, which require_auth=${requireAuth} does not allow.`);
    else if (channelBinding === 'require' && !mechanisms.includes(BOUND)) refuse(NOT_BOUND);
  };
  connection.on('authenticationCleartextPassword', () => check('password'));
  connection.on('authenticationMD5Password', () => check('md5'));
  connection.on('authenticationSASL', (message: { readonly mechanisms: readonly string[] }) =>
    check('scram-sha-256', message.mechanisms),
  );
  connection.on('authenticationSASLFinal', () => {
    isProven = true;
  });
  connection.on('authenticationOk', () => {
    if (!isAsked) check('none');
    else if (channelBinding === 'require' && !isProven) refuse(NOT_BOUND);
  });
}

function allowedMethods(requireAuth: string | undefined): (method: string) => boolean {
  if (requireAuth === undefined) return () => true;
  const items = requireAuth.split(',').map((item) => item.trim());
  const names = items.map((item) => item.replace(/^!/, ''));
  const isNegated = items.every((item) => item.startsWith('!'));
  const isMixed = !isNegated && items.some((item) => item.startsWith('!'));
  const unknown = names.find((name) => !METHODS.includes(name));
  if (unknown !== undefined || isMixed) {
    throw new ConnectionSettingError(
      `require_auth is ${JSON.stringify(requireAuth)}; expected some of ${METHODS.join(', ')} with commas between them, all of them with a ! in front or none.`,
    );
  }
  return (method) => names.includes(method) !== isNegated;
}
