export { ProxyServer } from './proxy-server.ts';
export type { ProxyServerOptions } from './proxy-server.ts';
