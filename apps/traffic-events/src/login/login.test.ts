import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';

const PROGRAM = new URL('../../bin/traffic-events', import.meta.url).pathname;
const NOW = '2026-11-27T06:00:00Z';
const AWAY = 'https://example.com/back';

const folder = mkdtempSync(join(tmpdir(), 'traffic-events-login-'));
const started: Simulator[] = [];
afterEach(() => Promise.all(started.splice(0).map((simulator) => simulator.close())));
afterAll(() => rmSync(folder, { recursive: true }));

/** A configuration as init writes it, for a simulated consent page. */
async function world(name: string, options: Partial<SimulatorOptions> = {}) {
  const simulator = await startSimulator({
    clock: new SimulatedClock({ originMs: Date.parse(NOW), scale: 0 }),
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' }],
    events: { kind: 'generated', days: 1, eventsPerDay: 1 },
    ...options,
  });
  started.push(simulator);
  const config = join(folder, `${name}.yaml`);
  writeFileSync(
    config,
    `credentials:
  client_id: ${simulator.credentials.clientId}
  client_secret: \${${name}_SECRET}
  refresh_token: \${${name}_TOKEN}
  consent_ends: \${${name}_ENDS:-}
start_date: '2026-11-01'
accounts: [{ marketplace: DE, advertiser_id: '1234' }]
warehouse: postgres://u:p@h/d
token_url: ${simulator.url}/auth/o2/token
consent_url: ${simulator.url}/ap/oa
`,
  );
  return { simulator, config, variable: (what: string) => `${name}_${what}` };
}

/** Runs login, opens the page that it names as a browser would, and answers with what \`answer\` makes of it. */
async function loginWith(
  { simulator, config, variable }: Awaited<ReturnType<typeof world>>,
  args: readonly string[],
  browse: (url: string) => Promise<string | undefined>,
) {
  const child = spawn(PROGRAM, ['login', '--config', config, ...args], {
    env: {
      ...process.env,
      ...(args.includes('--env-file')
        ? {}
        : { [variable('SECRET')]: simulator.credentials.clientSecret }),
      TRAFFIC_EVENTS_NOW: NOW,
    },
  });
  const [stdout, closed] = [text(child.stdout), once(child, 'close')];
  let stderr = '';
  for await (const chunk of child.stderr) {
    const before = stderr;
    stderr += String(chunk);
    const page = / (http\S+\/ap\/oa\?\S+)\n/;
    const [, url] = page.exec(stderr) ?? [];
    if (url === undefined || page.test(before)) continue;
    const pasted = await browse(url);
    child.stdin.end(pasted === undefined ? '' : `${pasted}\n`);
  }
  const [code] = (await closed) as [number];
  return { code, stdout: await stdout, stderr };
}

/** Where the consent page sends the browser. */
async function cameBackTo(url: string): Promise<string> {
  const answer = await fetch(url, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('login', () => {
  test('takes the pasted address, and keeps token and end in .env for its owner alone', async () => {
    const here = await world('PASTED');
    const ended = await loginWith(here, ['--redirect-url', AWAY], cameBackTo);
    expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain('The consent ends on 2027-11-27;');
    const path = join(folder, '.env');
    const kept = parseEnv(readFileSync(path, 'utf8'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { credentials } = readConfig(here.config, { ...kept, PASTED_SECRET: 'x' });
    const { refreshToken } = here.simulator.credentials;
    expect(credentials).toMatchObject({ refresh_token: refreshToken, consent_ends: '2027-11-27' });
    expect(ended.stderr).not.toContain(refreshToken);
  });

  test('has the browser come back to it, and keeps the token in a file', async () => {
    const here = await world('LOOPED');
    const back = `http://127.0.0.1:${await freePort()}/callback`;
    const file = join(folder, 'token');
    const ended = await loginWith(here, ['--redirect-url', back, '--file', file], async (url) => {
      const strangers = await Promise.all(
        [`${back}?code=theirs&state=theirs`, `${back}/elsewhere?code=theirs`].map((address) =>
          fetch(address),
        ),
      );
      expect(strangers.map(({ status }) => status)).toEqual([400, 404]);
      expect(await (await fetch(url)).text()).toContain('The consent has arrived.');
      return undefined;
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
    expect(kept).toMatchObject({ LOOPED_TOKEN_FILE: file });
    const { credentials } = readConfig(here.config, { ...kept, LOOPED_SECRET: 'x' });
    expect(credentials.refresh_token).toBe(here.simulator.credentials.refreshToken);
  });

  test('prints lines for an environment, and nothing else, on standard output', async () => {
    const here = await world('PRINTED');
    const secrets = join(folder, 'secrets.env');
    writeFileSync(secrets, `PRINTED_SECRET=${here.simulator.credentials.clientSecret}\n`);
    const args = ['--redirect-url', AWAY, '--store', 'env', '--env-file', secrets];
    const ended = await loginWith(here, args, async (url) => {
      return new URL(await cameBackTo(url)).searchParams.get('code') ?? '';
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(parseEnv(ended.stdout)).toEqual({
      PRINTED_TOKEN: here.simulator.credentials.refreshToken,
      PRINTED_ENDS: '2027-11-27',
    });
  });

  test.each<[string, Partial<SimulatorOptions>, (url: string) => Promise<string>, string]>([
    ['REFUSED', { consent: 'refused' }, cameBackTo, 'The consent was refused (access_denied)'],
    [
      'OTHER',
      {},
      async (url) => (await cameBackTo(url)).replace(/state=[^&]*/, 'state=theirs'),
      'belongs to another consent',
    ],
    ['WRONG', {}, async () => 'none-of-theirs', '400 invalid_grant'],
  ])('ends with 3 where no consent comes: %s', async (name, options, browse, message) => {
    const ended = await loginWith(await world(name, options), ['--redirect-url', AWAY], browse);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(message);
  });

  test('names the env file that is not there', async () => {
    const args = ['--env-file', join(folder, 'none.env')];
    const ended = await loginWith(await world('NONE'), args, cameBackTo);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/--env-file \S+none\.env: cannot be read \(ENOENT\)/);
  });

  test('waits no longer than it is told', async () => {
    const args = ['--redirect-url', `http://127.0.0.1:${await freePort()}/`, '--wait', '0.2s'];
    const ended = await loginWith(await world('LATE'), args, async () => undefined);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('No consent came within');
  });
});
