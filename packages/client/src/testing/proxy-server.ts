import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyServerOptions {
  /** `user:password` that the proxy asks for. */
  readonly credentials?: string;
  /** Status that every request is refused with. */
  readonly refuseWith?: number;
}

/** A real HTTP proxy: it tunnels (CONNECT) and forwards, and notes for whom. */
export class ProxyServer {
  /** `host:port` of every tunnel asked for. */
  readonly tunnels: string[] = [];
  /** URL of every request to forward. */
  readonly forwarded: string[] = [];
  readonly #server = createServer((request, response) => this.#forward(request, response));
  readonly #sockets = new Set<Duplex>();
  readonly #options: ProxyServerOptions;

  private constructor(options: ProxyServerOptions) {
    this.#options = options;
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) =>
      this.#tunnel(request, socket),
    );
  }

  /** Starts on a free port of the loopback. */
  static async start(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const proxy = new ProxyServer(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #tunnel(request: IncomingMessage, socket: Socket): void {
    this.tunnels.push(request.url ?? '');
    this.#keep(socket);
    const status = this.#refusal(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = new URL(`http://${request.url}`);
    const behind = connect(Number(target.port || 80), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(behind).pipe(socket);
    });
    this.#keep(behind);
    behind.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    this.forwarded.push(request.url ?? '');
    const status = this.#refusal(request);
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const behind = forward(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    behind.on('error', () => response.writeHead(502).end());
    request.pipe(behind);
  }

  #refusal({ headers }: IncomingMessage): number | undefined {
    const { credentials, refuseWith } = this.#options;
    if (refuseWith !== undefined) return refuseWith;
    if (credentials === undefined) return undefined;
    const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
    return headers['proxy-authorization'] === expected ? undefined : 407;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
