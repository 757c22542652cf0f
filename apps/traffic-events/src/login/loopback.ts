import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { ConfigError } from '@traffic-events/program';
import { codeOf } from './consent-code.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a browser on this machine comes back to us. */
export function isLoopback(redirectUrl: string): boolean {
  const url = URL.parse(redirectUrl);
  return url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

/** Listens where the browser comes back to. */
export interface Loopback extends AsyncDisposable {
  /** The code that it brings; rejects with what it says instead. */
  readonly code: Promise<string>;
}

/** Begins to listen at the address; what asks there without the right `state` changes nothing. */
export async function openLoopback(redirectUrl: string, state: string): Promise<Loopback> {
  const url = new URL(redirectUrl);
  const { promise: code, resolve, reject } = Promise.withResolvers<string>();
  code.catch(() => {});
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', url);
    if (asked.pathname !== url.pathname) return answer(response, 404, 'Nothing is here.');
    if (asked.searchParams.get('state') !== state) {
      return answer(response, 400, 'This belongs to another consent. Open the address again.');
    }
    try {
      const found = codeOf(asked.searchParams, state);
      answer(response, 200, 'The consent has arrived. You can close this page.');
      return resolve(found);
    } catch (error) {
      answer(response, 400, 'The consent was not given.');
      return reject(error);
    }
  });
  await listen(server, url);
  return {
    code,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server, { hostname, port }: URL): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '');
  server.listen(port === '' ? 80 : Number(port), host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `--redirect-url: nobody can listen at ${hostname}:${port} (${cause.code ?? cause.message}). Name another port, one of the Allowed Return URLs of the security profile, or an https address, and paste the code.`,
      { cause },
    );
  });
}

function answer(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    .end(`${text}\n`);
}
