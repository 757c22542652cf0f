import { ConfigurationError } from '../errors/configuration-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxies that an environment asks for; absent where it names none. */
export interface ProxySettings {
  /** For https: URLs. */
  readonly httpsProxy: URL | undefined;
  /** For http: URLs, and for https: ones where no other is named. */
  readonly httpProxy: URL | undefined;
  /** Hosts that are asked without a proxy, as NO_PROXY lists them. */
  readonly noProxy: string;
}

const PROTOCOLS = new Set(['http:', 'https:', 'socks:', 'socks5:']);

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small letters first, as curl does. ConfigurationError
 * where a proxy is no URL; its value is not printed, for it may hold a password.
 */
export function proxySettings(environment: Environment): ProxySettings {
  return {
    httpsProxy: proxyIn(environment, 'https_proxy'),
    httpProxy: proxyIn(environment, 'http_proxy'),
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
  };
}

/** What must not be printed of the proxies: passwords, as they stand in the URL and as they are. */
export function proxySecrets({ httpsProxy, httpProxy }: ProxySettings): string[] {
  return [httpsProxy, httpProxy].flatMap((proxy) => {
    if (proxy === undefined || proxy.password === '') return [];
    const [user, password] = [proxy.username, proxy.password].map(decoded);
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    return [proxy.password, password ?? '', basic];
  });
}

/** The proxies by name and address, for a message about a connection that was not made. */
export function describeProxies({ httpsProxy, httpProxy }: ProxySettings): string {
  const named = Object.entries({ HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpProxy });
  return named
    .flatMap(([name, proxy]) =>
      proxy === undefined ? [] : [`${name} is ${proxy.protocol}//${proxy.host}`],
    )
    .join(', ');
}

function proxyIn(environment: Environment, name: string): URL | undefined {
  const key = environment[name] ? name : name.toUpperCase();
  const text = environment[key]?.trim();
  if (!text) return undefined;
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url !== null && url.hostname !== '' && PROTOCOLS.has(url.protocol)) return url;
  throw new ConfigurationError(
    `${key} is not the URL of a proxy; write http://host:port, or http://user:password@host:port with special characters percent-encoded`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
