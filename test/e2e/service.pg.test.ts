import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldOf, truthOf } from './oracle.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run } from './programs.ts';
import { ServiceProcess } from './service-process.ts';
import { World } from './world.ts';

const ACCOUNT = 'DE:dsp:590122334455667788';
const EVERY = ['--every', '20m'];

let world: World;
let database: PostgresUnderTest;

beforeAll(async () => {
  world = await World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
    from: '2026-01-05',
    days: 3,
    now: '2026-01-20T06:00:00Z',
    streams: ['dsp_impressions'],
  });
  database = await world.database();
});
afterAll(() => world[Symbol.asyncDispose]());

const serve = (...args: string[]) =>
  new ServiceProcess(
    ['sync', '--config', world.configFile(database), '--listen', '127.0.0.1:0', ...args],
    world.environment(),
  );
const urlOf = async (service: ServiceProcess) =>
  String((await service.line('service.started'))['url']);

describe('sync --every', () => {
  test('runs again and again, tells how it stands, and ends within ten seconds of SIGTERM', async () => {
    await using service = serve(...EVERY);
    const url = await urlOf(service);
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok' });
    expect(await service.line('service.run_ended', 2)).toMatchObject({ exit_code: 0 });
    const truth = await truthOf(world.simulator, 'dsp_impressions', ACCOUNT, world.dates);
    expect(await heldOf(database, 'dsp_impressions', ACCOUNT, world.dates)).toEqual(truth);
    await service.line('service.waiting', 3);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({
        status: 'ready',
        last_run: expect.objectContaining({ exit_code: 0 }),
      }),
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const slice = `account_id="${ACCOUNT}",stream="dsp_impressions"`;
    for (const pattern of [
      /^traffic_events_runs_total\{exit_code="0"\} 2$/m,
      new RegExp(`^traffic_events_slices_total\\{${slice},outcome="loaded"\\} \\d+$`, 'm'),
      new RegExp(`^traffic_events_rows_total\\{${slice}\\} [1-9]\\d*$`, 'm'),
      /^traffic_events_api_requests_total\{operation="create",status="2\d\d"\} [1-9]\d*$/m,
      new RegExp(`^traffic_events_open_dates\\{${slice}\\} \\d+$`, 'm'),
      new RegExp(`^traffic_events_missed_dates\\{${slice}\\} 0$`, 'm'),
      new RegExp(`^traffic_events_suppressed_ratio\\{${slice}\\} [0-9.]+$`, 'm'),
      /^# TYPE traffic_events_nearest_expiry_seconds gauge$/m,
    ]) {
      expect(metrics).toMatch(pattern);
    }
    expect(metrics).not.toContain(world.simulator.credentials.clientSecret);
    expect((await fetch(`${url}/`)).status).toBe(404);
    const asked = Date.now();
    service.signal('SIGTERM');
    expect(await service.end()).toBe(143);
    expect(Date.now() - asked).toBeLessThan(10_000);
  });

  test('reads the configuration again on SIGHUP, and keeps the old one where the new one is bad', async () => {
    await using service = serve('--every', '10d');
    await service.line('service.run_ended');
    const config = world.configFile(database, { start_date: '2026-01-04' });
    service.signal('SIGHUP');
    await service.line('config.reloaded');
    writeFileSync(config, 'accounts: []\n');
    service.signal('SIGHUP');
    const refused = await service.line('config.refused');
    expect(refused['reason']).toContain(`${config}: accounts: expected at least one account`);
    service.signal('SIGTERM');
    expect(await service.end()).toBe(143);
  });

  test('tells the webhooks of its configuration once a day what there is to tell', async () => {
    const received: string[] = [];
    const receive = async (request: IncomingMessage, response: ServerResponse) => {
      received.push(await text(request));
      response.writeHead(received.length === 1 ? 503 : 204).end();
    };
    const server = createServer((request, response) => void receive(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { client_id, client_secret, refresh_token } = world.tapConfig();
    const credentials = { client_id, client_secret, refresh_token, consent_ends: '2026-01-15' };
    const alerts = [{ url: `http://127.0.0.1:${port}/hidden-word`, events: ['consent_ends'] }];
    const config = world.configFile(database, { credentials, alerts });
    await using service = new ServiceProcess(
      ['sync', '--config', config, '--listen', 'none', ...EVERY],
      world.environment(),
    );
    await service.line('service.run_ended', 2);
    server.close();
    expect(received).toHaveLength(2);
    expect(JSON.parse(received[1] ?? '')).toMatchObject({
      event: 'consent_ends',
      text: 'The consent ended on 2026-01-15. Give it again: traffic-events login',
    });
    expect(await service.line('alert.sent')).toMatchObject({ host: `127.0.0.1:${port}` });
  });

  test('is not ready without a warehouse, and goes on', async () => {
    const config = world.configFile({ url: 'postgres://nobody:hidden-word@127.0.0.1:9/none' });
    await using service = new ServiceProcess(
      ['sync', '--config', config, '--listen', '127.0.0.1:0', ...EVERY],
      world.environment(),
    );
    const url = await urlOf(service);
    expect(await service.line('service.run_ended', 2)).toMatchObject({ exit_code: 4 });
    const ready = await fetch(`${url}/readyz`);
    const answer = await ready.text();
    expect([ready.status, answer]).toEqual([503, expect.stringContaining('127.0.0.1:9')]);
    expect(answer).not.toContain('hidden-word');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test.each([
    [['--every', 'daily'], 'such as 6h, or a cron expression that comes again'],
    [['--every', '6h', '--listen', 'here'], 'such as 127.0.0.1:9464'],
    [['--listen', '127.0.0.1:9464'], 'only a service answers anywhere'],
    [['--every', '6h', '--reextract'], "cannot be used with option '--reextract'"],
  ])('%j is a wrong configuration', async (args, message) => {
    const command = ['sync', '--config', world.configFile(database), ...args];
    const ended = await run('traffic-events', command, world.environment());
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
