import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '@traffic-events/program';
import { InvalidArgumentError } from 'commander';

/** Where a service answers. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By path. */
export type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** What asks for no more than this says it within this time. */
const REQUEST_TIMEOUT_MS = 10_000;

/** `127.0.0.1:9464`, `[::1]:9464` or a port alone, which is one of loopback. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== '' && port <= 65_535) return { host: bracketed ?? plain ?? '127.0.0.1', port };
  throw new InvalidArgumentError('expected a host and a port, such as 127.0.0.1:9464.');
}

/** Answers GET of its routes until it is disposed of. */
export class HealthServer implements AsyncDisposable {
  readonly #server;
  readonly url: string;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    const { address, family, port } = server.address() as AddressInfo;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  static async start({ host, port }: ListenAddress, routes: Routes): Promise<HealthServer> {
    const server = createServer((request, response) => void respond(routes, request, response));
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.headersTimeout = REQUEST_TIMEOUT_MS;
    try {
      await once(server.listen(port, host), 'listening');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new ConfigError(
        `--listen ${host}:${port}: cannot be listened on (${code ?? message}). Name another address, or none to answer nowhere.`,
        { cause },
      );
    }
    return new HealthServer(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function respond(
  routes: Routes,
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = routes[url.split('?', 1)[0] ?? ''];
  const isRead = method === 'GET' || method === 'HEAD';
  const { status, type, body } = await answerOf(isRead ? route : undefined);
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : body);
}

async function answerOf(route: Routes[string] | undefined): Promise<Answer> {
  if (route === undefined) return { status: 404, type: 'text/plain', body: 'not found\n' };
  try {
    return await route();
  } catch {
    return { status: 500, type: 'text/plain', body: 'the answer could not be made\n' };
  }
}
