import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { run } from '../e2e/programs.ts';
import { ServiceProcess } from '../e2e/service-process.ts';
import { terminalSvg } from './terminal-svg.ts';

/** Pictures of the README, of a demo that is kept: the page, and what `status` prints on a terminal. */
const PICTURES = resolve(import.meta.dirname, '../../docs/pictures');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ACCOUNT = 'DE:dsp:590122334455667788';
const WINDOW = { width: 1000, height: 620 };

mkdirSync(PICTURES, { recursive: true });
const demo = await run('traffic-events', ['demo', '--keep']);
const [, config = '', environment = ''] =
  /serve --config (\S+) --env-file (\S+)/.exec(demo.stdout) ?? [];
const [, supervisor = ''] = /kill (\d+)/.exec(demo.stdout) ?? [];
const kept = ['--config', config, '--env-file', environment];
try {
  const status = await run('traffic-events', ['status', ...kept], { FORCE_COLOR: '1' });
  const command = '$ traffic-events status\n';
  writeFileSync(join(PICTURES, 'status.svg'), terminalSvg(`${command}${status.stdout}`));
  await using server = new ServiceProcess(['serve', ...kept, '--listen', '127.0.0.1:0'], {});
  const url = String((await server.line('page.served'))['url']);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: WINDOW, colorScheme: 'light' });
  const trend = new URLSearchParams({ account: ACCOUNT }).toString();
  for (const [name, path] of [
    ['page', '/'],
    ['trend', `/trend?${trend}`],
  ] as const) {
    await page.goto(`${url}${path}`);
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
  await browser.close();
} finally {
  process.kill(Number(supervisor));
  rmSync(dirname(config), { recursive: true });
}
