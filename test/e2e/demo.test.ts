import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEventsFile } from './events-file.ts';
import { KeptDemo } from './kept-demo.ts';
import { run } from './programs.ts';
import { ServiceProcess } from './service-process.ts';

const SHARED =
  process.env['TRAFFIC_EVENTS_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const BANDIT = join(SHARED, 'data/open-bandit-men.csv.gz');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'traffic-events-demo-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

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
    await using demo = await KeptDemo.start('--events', file);
    expect(await (await fetch(demo.url)).text()).toContain('DE:dsp:590122334455667788</a>');
    expect((await demo.interrupt()).code).toBe(130);
    const client = new pg.Client(demo.warehouseUrl);
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
      const page = new ServiceProcess(['serve', ...demo.named, '--listen', '127.0.0.1:0'], {});
      await using _ = page;
      const served = await fetch(String((await page.line('page.served'))['url']));
      expect(await served.text()).toContain('DE:dsp:590122334455667788</a>');
    } finally {
      await client.end();
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
