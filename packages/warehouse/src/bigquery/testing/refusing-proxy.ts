import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BigQuerySettings } from '../jobs/bigquery-settings.ts';

const ERROR = {
  reason: 'invalid',
  message: 'Error while reading data, error message: JSON table encountered too many errors.',
};

/**
 * Stands before the emulator, which takes what BigQuery refuses: load jobs with certain rows fail, and
 * tables are kept from everybody.
 */
export class RefusingProxy {
  readonly #settings: BigQuerySettings;
  readonly #refused: string[] = [];
  readonly #denied: string[] = [];
  /** Uploads under way, by their path: what each of them began with. */
  readonly #uploads = new Map<string, string>();
  readonly #failed = new Set<string>();
  #server: Server | undefined;

  constructor(settings: BigQuerySettings) {
    this.#settings = settings;
  }

  /** Load jobs with this text fail from now on, for those who use the settings that it answers. */
  async refuse(row: string): Promise<BigQuerySettings> {
    this.#refused.push(row);
    return this.#reached();
  }

  /** Nobody who uses the settings that it answers is let at this table from now on. */
  async deny(table: string): Promise<BigQuerySettings> {
    this.#denied.push(table);
    return this.#reached();
  }

  async #reached(): Promise<BigQuerySettings> {
    const server = (this.#server ??= createServer((request, response) => {
      void this.#answer(request, response);
    }));
    if (!server.listening) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    const { port } = server.address() as AddressInfo;
    return { ...this.#settings, apiEndpoint: `http://127.0.0.1:${port}` };
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/', method = 'GET' } = request;
    const body = await text(request);
    const denied = this.#denied.find((table) =>
      new URL(url, 'http://any').pathname.endsWith(`/tables/${table}`),
    );
    if (denied !== undefined) {
      refuseTable(response, `${this.#settings.project}:${this.#settings.dataset}.${denied}`);
      return;
    }
    const begun = this.#uploads.get(url);
    const job = jobIdOf(begun ?? url);
    if (begun !== undefined && this.#refused.some((row) => body.includes(row))) {
      this.#failed.add(job);
      response.end(JSON.stringify({ jobReference: { jobId: job }, status: { state: 'PENDING' } }));
      return;
    }
    if (this.#failed.has(job)) {
      const status = { state: 'DONE', errorResult: ERROR, errors: [ERROR] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jobReference: { jobId: job }, status }));
      return;
    }
    const answer = await fetch(`${this.#settings.apiEndpoint}${url}`, {
      method,
      headers: headersOf(request),
      ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
    });
    const location = answer.headers.get('location');
    if (location !== null) {
      const { pathname, search } = new URL(location);
      this.#uploads.set(pathname + search, body);
      response.setHeader('location', `http://${request.headers.host}${pathname}${search}`);
    }
    for (const name of ['content-type', 'range']) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answer.status);
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}

function refuseTable(response: ServerResponse, table: string): void {
  const message = `Access Denied: Table ${table}: Permission bigquery.tables.get denied on table ${table} (or it may not exist).`;
  response.writeHead(403, { 'content-type': 'application/json' });
  const errors = [{ reason: 'accessDenied', message }];
  response.end(JSON.stringify({ error: { code: 403, message, errors } }));
}

function jobIdOf(where: string): string {
  return /traffic-events_load_\w+/.exec(where)?.[0] ?? '';
}

/** Those that say something about the request, and not about its connection. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = ['content-type', 'content-range', 'authorization', 'x-upload-content-type'];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
