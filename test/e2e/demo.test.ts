import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEventsFile } from './events-file.ts';
import { ended, run, start } from './programs.ts';
import { ServiceProcess } from './service-process.ts';

const SHARED =
  process.env['TRAFFIC_EVENTS_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const BANDIT = join(SHARED, 'data/open-bandit-men.csv.gz');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'traffic-events-demo-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What a program prints up to what is waited for. */
async function textUntil({ stdout }: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    text += String(chunk);
    if (pattern.test(text)) break;
  }
  return text;
}

const lastLine = (text: string) => JSON.parse(text.trim().split('\n').at(-1) ?? '') as object;

test(
  'the demo replays a file of events, and the warehouse equals the truth',
  { timeout: 60_000 },
  async () => {
    const file = join(directory, 'events.csv.gz');
    writeEventsFile(file);
    const demo = await run('traffic-events', ['demo', '--json', '--events', file]);
    expect(demo.code, demo.stderr).toBe(0);
    expect(lastLine(demo.stdout)).toMatchObject({
      warehouse_dates: 2,
      api_dates: 2,
      impressions: 60,
      clicks: 6,
      differences: 0,
    });
  },
);

test(
  'a demo that is kept serves its page until Ctrl-C, and leaves the warehouse with its views',
  { timeout: 60_000 },
  async () => {
    const file = join(directory, 'kept.csv.gz');
    writeEventsFile(file);
    const demo = start('traffic-events', ['demo', '--keep', '--events', file]);
    const end = ended(demo, false);
    const text = await textUntil(demo, /kill \d+; rm .*\n/);
    const [, first = ''] = /until Ctrl-C: +(\S+)/.exec(text) ?? [];
    const [, url = ''] = /psql '(.*)'/.exec(text) ?? [];
    const [, pid = ''] = /kill (\d+)/.exec(text) ?? [];
    const [, config = '', environment = ''] =
      /serve --config (\S+) --env-file (\S+)/.exec(text) ?? [];
    expect(await (await fetch(first)).text()).toContain('DE:dsp:590122334455667788</a>');
    demo.kill('SIGINT');
    expect((await end).code).toBe(130);
    const client = new pg.Client(url);
    await client.connect();
    try {
      const { rows: days } = await client.query(
        'SELECT currency, sum(impressions)::int AS impressions FROM dsp_daily GROUP BY currency',
      );
      expect(days).toEqual([{ currency: 'EUR', impressions: expect.any(Number) }]);
      const { rows: standing } = await client.query(
        'SELECT DISTINCT status FROM coverage ORDER BY status',
      );
      expect(standing).toEqual([{ status: 'open' }, { status: 'settled' }]);
      const named = ['--config', config, '--env-file', environment];
      const page = new ServiceProcess(['serve', ...named, '--listen', '127.0.0.1:0'], {});
      await using _ = page;
      const served = await fetch(String((await page.line('page.served'))['url']));
      expect(await served.text()).toContain('DE:dsp:590122334455667788</a>');
    } finally {
      await client.end();
      process.kill(Number(pid));
      rmSync(dirname(config), { recursive: true });
    }
  },
);

test.skipIf(!existsSync(BANDIT))(
  'the real events: 20,000 impressions and their clicks, without a difference',
  { timeout: 120_000 },
  async () => {
    const demo = await run('traffic-events', ['demo', '--json', '--events', BANDIT]);
    expect(demo.code, demo.stderr).toBe(0);
    expect(lastLine(demo.stdout)).toMatchObject({
      warehouse_dates: 7,
      impressions: 20_000,
      clicks: 115,
      differences: 0,
    });
  },
);

test('a file that is no file of events is named', async () => {
  const file = join(directory, 'wrong.csv');
  writeFileSync(file, 'a,b\n1,2\n');
  const demo = await run('traffic-events', ['demo', '--events', file]);
  expect(demo.code).toBe(2);
  expect(demo.stderr).toContain(file);
  expect(demo.stderr).toMatch(/timestamp/);
});

test('a PostgreSQL that cannot start ends the demo, and says why', async () => {
  const missing = join(directory, 'missing');
  const demo = await run('traffic-events', ['demo'], { TMPDIR: missing });
  expect(demo.code).toBe(4);
  expect(demo.stderr).toMatch(/The embedded PostgreSQL did not start: ENOENT.*missing/);
});
