import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { Account } from '@traffic-events/client';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bin = new URL('../bin/tap-traffic-events', import.meta.url).pathname;
const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const entity: Account = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' };
/** Slow enough that a loaded machine stays within the five minutes that clocks may differ. */
const SCALE = 300;

let folder: string;
let simulator: Simulator;
let clockEnvironment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tap-test-'));
  const originMs = Date.parse('2026-01-09T06:00:00Z');
  const wallOriginMs = Date.now();
  clockEnvironment = {
    TRAFFIC_EVENTS_NOW: `2026-01-09T06:00:00Z@${new Date(wallOriginMs).toISOString()}`,
    TRAFFIC_EVENTS_TIME_SCALE: String(SCALE),
  };
  simulator = await startSimulator({
    clock: new SimulatedClock({ originMs, wallOriginMs, scale: SCALE }),
    executionDurationMs: 60_000,
    accounts: [dsp, entity] as SimulatorOptions['accounts'],
    events: { kind: 'generated', seed: 3, fromDate: '2026-01-01', days: 3, eventsPerDay: 200 },
  });
});

afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

function config(changes: object = {}) {
  return {
    client_id: simulator.credentials.clientId,
    client_secret: simulator.credentials.clientSecret,
    refresh_token: simulator.credentials.refreshToken,
    start_date: '2026-01-01',
    accounts: [
      { marketplace: 'DE', advertiser_id: '584930219384756193' },
      { marketplace: 'UK', entity_id: 'ENTITY1' },
    ],
    api_url: simulator.url,
    token_url: `${simulator.url}/auth/o2/token`,
    ...changes,
  };
}

async function tap(...args: string[]) {
  return tapWith({}, ...args);
}

async function tapWith(env: Record<string, string>, ...args: string[]) {
  const child = spawn(bin, args, {
    env: { PATH: process.env['PATH'] ?? '', ...clockEnvironment, ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await exited, lines: stdout.trimEnd().split('\n') };
}

describe('tap-traffic-events', () => {
  it('emits schemas, slices in one piece, and a state that a second run starts from', async () => {
    const path = await file('config.json', config({ start_date: '2026-01-02' }));
    const first = await tap('--config', path, '--to', '2026-01-03');
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('run.done')]);
    const messages = first.lines.map((line) => JSON.parse(line));
    const schemas = messages.filter(({ type }) => type === 'SCHEMA').map(({ stream }) => stream);
    expect(schemas).toEqual([
      'dsp_clicks',
      'dsp_invalid_clicks',
      'dsp_impressions',
      'dsp_invalid_impressions',
      'dsp_views',
      'sponsored_ads_traffic',
      'sponsored_ads_invalid_traffic',
      'extractions',
    ]);
    const slices = messages.filter(({ value }) => value?.slice !== undefined);
    expect(slices).toHaveLength(14);
    for (const state of slices) {
      const at = messages.indexOf(state);
      const { slice } = state.value;
      expect(messages[at - 1]).toMatchObject({
        stream: 'extractions',
        record: { extraction_id: slice.execution_id, row_count: slice.row_count },
      });
      const rows = messages.slice(at - 1 - slice.row_count, at - 1);
      expect(rows.every(({ record }) => record?.execution_id === slice.execution_id)).toBe(true);
    }
    expect(first.stdout).toContain('"advertiser_id":584930219384756193');

    const state = messages.findLast(({ type }) => type === 'STATE').value;
    const statePath = await file('state.json', state);
    const second = await tap('--config', path, '--to', '2026-01-03', '--state', statePath);
    expect(second.code).toBe(0);
    const begin = JSON.parse(second.lines[0]!);
    expect(begin.type).toBe('STATE');
    expect(begin.value.bookmarks).toEqual(state.bookmarks);
    expect(second.lines.filter((line) => line.includes('"slice":'))).toHaveLength(0);
  });

  it('extracts the streams that the catalog selects', async () => {
    const discovered = await tap('--discover');
    const catalog = JSON.parse(discovered.stdout);
    const names = catalog.streams.map(({ stream }: { stream: string }) => stream);
    expect(names).toContain('dsp_clicks');
    const ledger = catalog.streams.find(
      ({ stream }: { stream: string }) => stream === 'extractions',
    );
    expect(
      ledger.metadata.every(
        ({ breadcrumb, metadata }: { breadcrumb: unknown[]; metadata: { inclusion: string } }) =>
          metadata.inclusion === 'automatic' && breadcrumb.length < 3,
      ),
    ).toBe(true);
    for (const { stream, metadata } of catalog.streams) {
      metadata[0].metadata.selected = stream === 'dsp_clicks';
    }
    const { lines, code } = await tap(
      '--config',
      await file('config.json', config({ start_date: '2026-01-08' })),
      '--catalog',
      await file('catalog.json', catalog),
    );
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('SCHEMA'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('"slice":'))).toHaveLength(1);
  });

  it('keeps the main metric and the reserved columns, whatever a catalog says', async () => {
    const { streams } = JSON.parse((await tap('--discover')).stdout);
    const clicks = streams.find(({ stream }: { stream: string }) => stream === 'dsp_clicks');
    const automatic = clicks.metadata.flatMap(
      ({ breadcrumb, metadata }: { breadcrumb: string[]; metadata: { inclusion: string } }) =>
        metadata.inclusion === 'automatic' ? (breadcrumb[1] ?? []) : [],
    );
    expect(automatic.sort()).toEqual([
      'account_id',
      'clicks',
      'event_date',
      'execution_id',
      'extracted_at',
      'filtered',
      'marketplace',
      'row_number',
    ]);
  });

  it('accepts a changed definition by its settings', async () => {
    const range = ['--from', '2026-01-04', '--to', '2026-01-04'];
    const run = async (settings: object, state?: unknown) => {
      const path = await file(
        'config.json',
        config({ start_date: '2026-01-04', accounts: config().accounts.slice(0, 1), ...settings }),
      );
      const given = state === undefined ? [] : ['--state', await file('state.json', state)];
      return tap('--config', path, ...range, ...given);
    };
    const streams = ['dsp_clicks'];
    const first = await run({ streams });
    expect(first.code, first.stderr).toBe(0);
    const state = JSON.parse(first.lines.at(-1)!).value;
    state.bookmarks.dsp_clicks.partitions[0].fingerprint = '0123456789abcdef';
    const stopped = await run({ streams }, state);
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toContain('setting accept_definition of the tap');
    const accepted = { streams, accept_definition: streams, reextract: true };
    const again = await run(accepted, state);
    expect(again.code, again.stderr).toBe(0);
    expect(again.lines.filter((line) => line.includes('"slice":'))).toHaveLength(1);
    const unknown = await run({ streams, accept_definition: ['dsp_click'] }, state);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain(
      'accept_definition names dsp_click, which no account is asked',
    );
  });

  it('leaves a column that the catalog does not select out of records, and out of nothing else', async () => {
    const catalog = JSON.parse((await tap('--discover')).stdout);
    for (const { stream, metadata } of catalog.streams) {
      for (const { breadcrumb, metadata: each } of metadata) {
        each.selected =
          stream === 'dsp_impressions' && ['campaign_id', undefined].includes(breadcrumb[1]);
      }
    }
    const { lines, code } = await tap(
      '--config',
      await file('config.json', config({ start_date: '2026-01-03' })),
      '--catalog',
      await file('catalog.json', catalog),
      '--from',
      '2026-01-03',
      '--to',
      '2026-01-03',
    );
    expect(code).toBe(0);
    const record = lines
      .map((line) => JSON.parse(line))
      .find(({ stream, type }) => type === 'RECORD' && stream === 'dsp_impressions');
    const schema = lines
      .map((line) => JSON.parse(line))
      .find(({ stream, type }) => type === 'SCHEMA' && stream === 'dsp_impressions');
    expect(Object.keys(schema.schema.properties).sort()).toEqual(Object.keys(record.record).sort());
    const ledger = lines
      .map((line) => JSON.parse(line))
      .find(({ stream, type }) => type === 'RECORD' && stream === 'extractions').record;
    expect(Object.keys(ledger.sums)).toEqual(['impressions', 'impression_cost', 'total_cost']);
    const all = await tap(
      '--config',
      await file('config.json', config({ start_date: '2026-01-03' })),
      '--from',
      '2026-01-03',
      '--to',
      '2026-01-03',
      '--state',
      await file('state.json', JSON.parse(lines.at(-1)!).value),
    );
    expect(all.code, all.stderr).toBe(0);
    expect(Object.keys(record.record)).toEqual([
      'account_id',
      'marketplace',
      'event_date',
      'filtered',
      'campaign_id',
      'impressions',
      'execution_id',
      'row_number',
      'extracted_at',
    ]);
  });

  it('tries credentials and accounts without creating anything, with settings from .env', async () => {
    const { accounts, client_secret, ...rest } = config();
    const foreign = { marketplace: 'FR', advertiser_id: '404' };
    await writeFile(join(folder, '.env'), `TAP_TRAFFIC_EVENTS_CLIENT_SECRET=${client_secret}\n`);
    const path = await file('partial.json', rest);
    const good = { TAP_TRAFFIC_EVENTS_ACCOUNTS: JSON.stringify(accounts) };
    expect((await tapWith(good, '--config', path, '--test')).code).toBe(0);
    const bad = { TAP_TRAFFIC_EVENTS_ACCOUNTS: JSON.stringify([...accounts, foreign]) };
    const failed = await tapWith(bad, '--config', path, '--test');
    expect([failed.code, failed.stderr]).toEqual([8, expect.stringContaining('FR:dsp:404')]);
    await rm(join(folder, '.env'));
  });

  it('ends within ten seconds of SIGTERM, its state delivered', async () => {
    const path = await file('config.json', config({ start_date: '2026-01-02' }));
    const child = spawn(bin, ['--config', path], {
      env: { PATH: process.env['PATH'] ?? '', ...clockEnvironment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    let stdout = '';
    const created = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('"in_flight":[{')) resolve();
      });
    });
    await created;
    const began = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toBe(143);
    expect(performance.now() - began).toBeLessThan(10_000);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
    expect(last).toMatchObject({ type: 'STATE' });
  });

  it('ends with 3 and does not print the secret when Login with Amazon refuses it', async () => {
    const wrong = config({ client_secret: 'wrong-and-secret' });
    const { code, stdout, stderr } = await tap('--config', await file('wrong.json', wrong));
    expect(code).toBe(3);
    expect(stderr).toMatch(/Login with Amazon/);
    expect(stdout + stderr).not.toContain('wrong-and-secret');
  });

  it('ends with 2 and names the key when the config is wrong', async () => {
    const wrong = config({ accounts: [{ marketplace: 'XX', advertiser_id: '1' }] });
    const { code, stderr } = await tap('--config', await file('wrong.json', wrong));
    expect(code).toBe(2);
    expect(stderr).toMatch(/accounts\[0\]\.marketplace: There is no marketplace/);
    const missing = await tap('--config', join(folder, 'nowhere.json'));
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('cannot be read')]);
    expect((await tap('--nonsense')).code).toBe(2);
  });

  it('tells what it is', async () => {
    const help = await tap('--help');
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('Examples:')]);
    expect((await tap('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const about = JSON.parse((await tap('--about', '--format', 'json')).stdout);
    expect(about.settings.required).toContain('refresh_token');
    const markdown = (await tap('--about', '--format', 'markdown')).stdout;
    expect(markdown).toMatch(/^# tap-traffic-events\n[\s\S]*\| `refresh_token` \| string \| yes/);
  });
});
