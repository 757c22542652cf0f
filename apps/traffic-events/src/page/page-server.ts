import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Logger } from '@traffic-events/client';
import { WarehouseError } from '@traffic-events/warehouse';
import { ConfigError } from '@traffic-events/program';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bearerAuth } from 'hono/bearer-auth';
import { some } from 'hono/combine';
import { compress } from 'hono/compress';
import { html } from 'hono/html';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { timingSafeEqual } from 'hono/utils/buffer';
import type { ListenAddress } from '../service/health-server.ts';
import { pageDocument, PAGE_POLICY } from './page-document.ts';
import { SERVED_LINKS } from './page-links.ts';
import * as pages from './page-source.ts';
import { PageRequestError } from './page-source.ts';
import type { PageParameters, PageSource } from './page-source.ts';

export interface PageServerOptions {
  readonly listen: ListenAddress;
  /** Asked of whoever wants a page; nobody is asked for one unless given. */
  readonly token?: string | undefined;
  readonly source: PageSource;
  readonly logger: Logger;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** Where only this machine can ask. */
export function isLoopback({ host }: ListenAddress): boolean {
  return LOOPBACK.has(host);
}

/** Answers the pages until it is disposed of. */
export class PageServer implements AsyncDisposable {
  readonly #server;
  readonly url: string;

  private constructor(server: ReturnType<typeof createAdaptorServer>, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(options: PageServerOptions): Promise<PageServer> {
    const { host, port } = options.listen;
    const server = createAdaptorServer({ fetch: pageApp(options).fetch });
    try {
      await once(server.listen(port, host), 'listening');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new ConfigError(
        `--listen ${host}:${port}: cannot be listened on (${code ?? message}). Name another address.`,
        { cause },
      );
    }
    const bound = (server.address() as AddressInfo).port;
    return new PageServer(server, `http://${host.includes(':') ? `[${host}]` : host}:${bound}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

type MakePage = (source: PageSource, parameters: PageParameters) => Promise<string>;

const PAGES: Readonly<Record<string, MakePage>> = {
  '/': pages.overview,
  '/account': pages.account,
  '/date': pages.date,
  '/trend': pages.trend,
  '/runs': pages.runs,
};

/** Only GET is answered, and nothing is changed. */
function pageApp({ token, source, listen, logger }: PageServerOptions): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { ...PAGE_POLICY, frameAncestors: ["'none'"] },
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.use(compress());
  if (token === undefined) app.use(onlyNamed(isLoopback(listen)));
  else app.use(some(bearerAuth({ token }), basicAuth({ verifyUser: isToken(token) })));
  for (const [path, make] of Object.entries(PAGES)) {
    app.get(path, async (context) => context.html(await make(source, parametersOf(context))));
  }
  app.get('/trend.csv', async (context) => {
    const { name, text } = await pages.trendAsCsv(source, parametersOf(context));
    context.header('content-disposition', `attachment; filename="${name}"`);
    return context.body(text, 200, { 'content-type': 'text/csv; charset=utf-8' });
  });
  app.notFound((context) => faultPage(context, source, 404, 'There is no such page.'));
  app.onError((error, context) => {
    if (isUnforeseen(error)) logger.error({ reason: error.message }, 'page.failed');
    return answerOf(error, context, source);
  });
  return app;
}

const parametersOf = (context: Context) => pages.checkParameters(context.req.query());

const isToken = (token: string) => (_user: string, password: string) =>
  timingSafeEqual(password, token);

/** A page of somebody else may not lead a browser here by a name of its own. */
function onlyNamed(isAsked: boolean) {
  return async (context: Context, next: () => Promise<void>) => {
    const { hostname } = new URL(context.req.url);
    if (isAsked && !LOOPBACK.has(hostname.replaceAll(/[[\]]/g, ''))) {
      throw new HTTPException(403, { message: `This is not ${hostname}.` });
    }
    await next();
  };
}

async function answerOf(error: Error, context: Context, source: PageSource): Promise<Response> {
  if (error instanceof HTTPException) return error.getResponse();
  if (error instanceof PageRequestError) return faultPage(context, source, 400, error.message);
  if (error instanceof WarehouseError) return faultPage(context, source, 503, error.message);
  return faultPage(context, source, 500, 'The page could not be made; the log of serve says why.');
}

function isUnforeseen(error: Error): boolean {
  return !(error instanceof HTTPException || error instanceof PageRequestError);
}

async function faultPage(
  context: Context,
  { clock }: PageSource,
  status: 400 | 404 | 500 | 503,
  text: string,
): Promise<Response> {
  const body = html`<h1>${status === 503 ? 'The warehouse cannot be read' : 'That cannot be shown'}</h1><p>${text}</p>`;
  const asOf = new Date(clock.now()).toISOString();
  return context.html(
    await pageDocument({ title: 'Not shown', body, links: SERVED_LINKS, asOf }),
    status,
  );
}
