import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from '../clock.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request; what it does not end stays open. */
export type Answer = (response: ServerResponse, request: SeenRequest) => unknown;

const TOKEN_URL = '/auth/o2/token';

/** A real HTTP server that answers as a test says, and tokens by itself. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  /** Answers to token requests in turn; a good one when they run out. */
  readonly tokenAnswers: Answer[] = [];
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #clock: Clock;
  #answer: Answer = () => {};
  #tokens = 0;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts on a free port of the loopback; `clock` gives the Date headers. */
  static async start(clock: Clock): Promise<ScriptedServer> {
    const server = new ScriptedServer(clock);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokenUrl(): string {
    return `${this.url}${TOKEN_URL}`;
  }

  /** Requests other than for tokens, as `GET /path`. */
  get calls(): string[] {
    return this.requests
      .filter(({ url }) => url !== TOKEN_URL)
      .map(({ method, url }) => `${method} ${url}`);
  }

  get tokenRequests(): SeenRequest[] {
    return this.requests.filter(({ url }) => url === TOKEN_URL);
  }

  /** Gives the answers in turn; the last one for ever. */
  script(...answers: readonly Answer[]): void {
    const left = [...answers];
    this.#answer = (response, request) =>
      (left.length > 1 ? left.shift() : left[0])?.(response, request);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(seen);
    response.setHeader('date', new Date(this.#clock.now()).toUTCString());
    const answer = seen.url === TOKEN_URL ? this.#tokenAnswer() : this.#answer;
    await answer(response, seen);
  }

  #tokenAnswer(): Answer {
    this.#tokens += 1;
    const good = json(200, { access_token: `Atza|token-${this.#tokens}`, expires_in: 3_600 });
    return this.tokenAnswers.shift() ?? good;
  }
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Breaks the connection without an answer. */
export const reset: Answer = (response) => {
  response.socket?.destroy();
};
