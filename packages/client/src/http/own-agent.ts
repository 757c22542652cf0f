import { EnvHttpProxyAgent, Pool } from 'undici';

import type { ProxySettings } from './proxy-settings.ts';

/** Connections of our own, through the proxies that are set; silence ends them after `timeoutMs`. */
export function ownAgent(proxies: ProxySettings, timeoutMs: number): EnvHttpProxyAgent {
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const connect = { timeout: timeoutMs };
  return new EnvHttpProxyAgent({
    ...timeouts,
    connect,
    requestTls: connect,
    proxyTls: connect,
    // The tunnel itself is asked for with the same patience.
    clientFactory: (origin, options) => new Pool(origin, { ...options, ...timeouts }),
    // An empty text is none: the environment has been read.
    httpsProxy: proxies.httpsProxy?.href ?? proxies.httpProxy?.href ?? '',
    httpProxy: proxies.httpProxy?.href ?? '',
    noProxy: proxies.noProxy,
  });
}
