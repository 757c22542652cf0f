import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { ClientFixture } from '../testing/client-fixture.ts';
import { ProxyServer } from '../testing/proxy-server.ts';
import type { ProxyServerOptions } from '../testing/proxy-server.ts';
import { json } from '../testing/scripted-server.ts';
import { tlsServer } from '../testing/tls-server.ts';
import { proxySecrets, proxySettings } from './proxy-settings.ts';

const fixture = ClientFixture.use();
const run = promisify(execFile);
const running = json(200, { workflowExecutionId: 'e1', status: 'RUNNING' });
const NAMES = ['https_proxy', 'http_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

const proxies: ProxyServer[] = [];
async function proxyServer(options: ProxyServerOptions = {}): Promise<ProxyServer> {
  const proxy = await ProxyServer.start(options);
  proxies.push(proxy);
  return proxy;
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

/** The environment with these proxies and no others. */
function setProxies(wanted: Readonly<Record<string, string>>): void {
  for (const name of NAMES) vi.stubEnv(name, wanted[name]);
}

describe('a proxy of the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('is gone through for http: %s', async (name) => {
    const proxy = await proxyServer();
    setProxies({ [name]: `http://${proxy.host}` });
    fixture.server.script(running);
    expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
    expect(proxy.forwarded).toStrictEqual([
      fixture.server.tokenUrl,
      `${fixture.server.url}/avc/workflowexecutions/e1`,
    ]);
  });

  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])(
    'is gone through for https: %s',
    async (name) => {
      const proxy = await proxyServer({ refuseWith: 403 });
      setProxies({ [name]: proxy.host, NO_PROXY: '127.0.0.1' });
      const account = fixture.account({ apiUrl: 'https://api.example', retry: { maxAttempts: 1 } });
      await expect(account.getExecution('e1')).rejects.toMatchObject({
        code: 'connection',
        mayHaveSucceeded: false,
        message: expect.stringMatching(
          /got no whole answer: Proxy response \(403\) .* \(HTTPS?_PROXY is http:\/\/127\.0\.0\.1:\d+; NO_PROXY lists what goes without\)$/,
        ),
      });
      expect(proxy.tunnels).toStrictEqual(['api.example:443']);
    },
  );

  it('gives way to one of the options, and so do the hosts that go without', async () => {
    const [other, proxy] = [await proxyServer({ refuseWith: 502 }), await proxyServer()];
    setProxies({ HTTP_PROXY: `http://${other.host}`, NO_PROXY: '127.0.0.1' });
    fixture.server.script(running);
    const options = { proxyUrl: `http://${proxy.host}`, noProxy: 'localhost' };
    expect(await fixture.account(options).getExecution('e1')).toMatchObject({ id: 'e1' });
    expect([other.forwarded, proxy.forwarded.length]).toStrictEqual([[], 2]);
  });

  it.each(['127.0.0.1', 'localhost,127.0.0.1', '*', 'example, 127.0.0.1'])(
    'is left out for what NO_PROXY lists: %s',
    async (hosts) => {
      const proxy = await proxyServer({ refuseWith: 502 });
      const url = `http://${proxy.host}`;
      for (const name of ['NO_PROXY', 'no_proxy']) {
        setProxies({ HTTP_PROXY: url, HTTPS_PROXY: url, [name]: hosts });
        fixture.server.script(running);
        expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });
      }
      expect(proxy.forwarded).toStrictEqual([]);
    },
  );

  it('gets its credentials, which are printed nowhere', async () => {
    const proxy = await proxyServer({ credentials: 'us er:p@ss/w%rd' });
    const password = encodeURIComponent('p@ss/w%rd');
    setProxies({ HTTP_PROXY: `http://us%20er:${password}@${proxy.host}` });
    fixture.server.script(running);
    expect(await fixture.account().getExecution('e1')).toMatchObject({ id: 'e1' });

    setProxies({ HTTP_PROXY: `http://us%20er:wrong-${password}@${proxy.host}` });
    const basic = Buffer.from('us er:wrong-p@ss/w%rd').toString('base64');
    const directory = path.join(fixture.directory, 'captured');
    const account = fixture.account({ captureDirectory: directory, retry: { maxAttempts: 2 } });
    const error: unknown = await account.getExecution('e1').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'connection', mayHaveSucceeded: false });
    const { stack, cause } = error as Error;
    const printed = `${stack} ${String(cause)} ${JSON.stringify([error, fixture.log])}`;
    expect(printed).toMatch(/Proxy Authentication Required \(407\)/);
    for (const secret of ['p@ss', password, basic]) expect(printed).not.toContain(secret);
  });

  it('is out of the secrets that an answer echoes', () => {
    const settings = proxySettings({ HTTPS_PROXY: 'http://u:p%40ss@proxy:3128' });
    expect(proxySecrets(settings)).toStrictEqual(['p%40ss', 'p@ss', 'dTpwQHNz']);
    expect(proxySecrets(proxySettings({ HTTP_PROXY: 'proxy:3128' }))).toStrictEqual([]);
  });

  it('must be a URL, of which nothing is printed', () => {
    for (const wrong of ['ftp://user:hush@proxy', 'http://user:hush@', 'http://:hush', '://']) {
      setProxies({ HTTPS_PROXY: wrong });
      expect(() => fixture.client()).toThrow(
        'HTTPS_PROXY is not the URL of a proxy; write http://host:port, or http://user:password@host:port with special characters percent-encoded',
      );
    }
  });
});

describe('a program behind a proxy that breaks TLS open', () => {
  it('needs HTTPS_PROXY and NODE_EXTRA_CA_CERTS in its environment, and nothing else', async () => {
    await using api = await tlsServer((_, response) =>
      response.end(JSON.stringify({ workflowExecutionId: 'e1', status: 'RUNNING' })),
    );
    const proxy = await proxyServer();
    const authority = path.join(fixture.directory, 'authority.pem');
    await writeFile(authority, api.certificate);
    const program = path.join(import.meta.dirname, '../testing/ask-once.ts');
    const ask = async (env: Record<string, string>) => {
      const own = Object.fromEntries(NAMES.map((name) => [name, '']));
      const { stdout } = await run(
        process.execPath,
        [program, `https://${api.host}`, fixture.server.tokenUrl],
        { env: { PATH: process.env['PATH'] ?? '', ...own, ...env } },
      );
      return stdout;
    };
    const behind = { HTTPS_PROXY: `http://${proxy.host}` };
    expect(await ask({ ...behind, NODE_EXTRA_CA_CERTS: authority })).toBe('RUNNING');
    expect(proxy.tunnels).toStrictEqual([api.host]);
    expect(await ask(behind)).toMatch(/^ConnectionError: .*got no whole answer: .*self-signed/);
  });
});
