import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ProxyServer } from '@traffic-events/client/testing';
import { expect, it } from 'vitest';

import { run } from './programs.ts';
import { World } from './world.ts';

const SQL = 'SELECT SUM(impressions) AS impressions FROM dsp_impressions';

/** No proxies but these, whatever this machine has. */
const proxied = (url: string) => ({
  HTTP_PROXY: url,
  http_proxy: '',
  HTTPS_PROXY: '',
  https_proxy: '',
  NO_PROXY: '',
  no_proxy: '',
});

it.each([
  ['tap-traffic-events --test', 'hush-hush', 0],
  ['tap-traffic-events --test', 'wrong', 8],
  ['traffic-events query', 'hush-hush', 0],
  ['traffic-events query', 'wrong', 8],
] as const)(
  '%s goes through the proxy, with the password %s: exit code %i',
  async (command, password, code) => {
    await using world = await World.start({
      now: '2026-01-31T06:00:00Z',
      accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' }],
      from: '2026-01-30',
      days: 1,
    });
    const directory = mkdtempSync(join(tmpdir(), 'proxy-'));
    const proxy = await ProxyServer.start({ credentials: 'user:hush-hush' });
    const tapConfig = join(directory, 'tap.json');
    writeFileSync(tapConfig, JSON.stringify(world.tapConfig()));
    const [program = '', ...args] =
      command === 'traffic-events query'
        ? [
            'traffic-events',
            'query',
            '--config',
            world.configFile({ url: 'postgresql://none/none' }),
            '--from',
            '2026-01-30',
            SQL,
          ]
        : ['tap-traffic-events', '--config', tapConfig, '--test'];
    const environment = {
      ...world.environment(),
      ...proxied(`http://user:${password}@${proxy.host}`),
    };
    const ended = await run(program, args, environment);
    await proxy.close();
    rmSync(directory, { recursive: true });
    expect([ended.code, ended.stderr]).toEqual([code, expect.anything()]);
    expect(proxy.forwarded.length).toBeGreaterThan(0);
    const { origin } = new URL(world.simulator.url);
    expect(new Set(proxy.forwarded.map((url) => new URL(url).origin))).toEqual(new Set([origin]));
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(
      password === 'wrong' ? 'user:wrong' : password,
    );
  },
);
