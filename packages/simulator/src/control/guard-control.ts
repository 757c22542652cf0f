import type { FastifyInstance } from 'fastify';
import { ApiError } from '../http/api-error.ts';

/** `127.0.0.1` and all of its network, `[::1]`, and the names that always mean them. */
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:[\w-]+\.)*localhost)$/;

/**
 * Keeps pages that a browser has open from moving the clock or reading the truth: a page elsewhere
 * sends its Origin, and one whose name was bound to this machine sends that name as the Host.
 */
export function guardControl(scope: FastifyInstance, listensOn: string): void {
  scope.addHook('onRequest', async ({ headers }) => {
    const { host = '', origin } = headers;
    const name = hostname(host);
    if (!LOOPBACK.test(name) && name !== hostname(listensOn)) {
      throw new ApiError(
        403,
        `The simulator's own pages are for this machine: Host is '${name}'; use localhost, or ${listensOn} on which it listens`,
      );
    }
    if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
      throw new ApiError(403, "The simulator's own pages answer no pages of another origin");
    }
  });
}

function hostname(host: string): string {
  const bracketed = host.includes(':') && !host.includes('[') && host.split(':').length > 2;
  return URL.parse(`http://${bracketed ? `[${host}]` : host}`)?.hostname ?? '';
}
