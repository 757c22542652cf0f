import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { KeptDemo } from '../e2e/kept-demo.ts';
import { run } from '../e2e/programs.ts';
import { terminalSvg } from './terminal-svg.ts';

/** Pictures of the README, of a demo that is kept: the page, and what `status` prints on a terminal. */
const PICTURES = resolve(import.meta.dirname, '../../docs/pictures');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ACCOUNT = 'DE:dsp:590122334455667788';
const WINDOW = { width: 1000, height: 620 };

mkdirSync(PICTURES, { recursive: true });
await using demo = await KeptDemo.start();
const status = await run('traffic-events', ['status', ...demo.named], { FORCE_COLOR: '1' });
const command = '$ traffic-events status\n';
writeFileSync(join(PICTURES, 'status.svg'), terminalSvg(`${command}${status.stdout}`));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: WINDOW, colorScheme: 'light' });
const trend = new URLSearchParams({ account: ACCOUNT }).toString();
for (const [name, path] of [
  ['page', '/'],
  ['trend', `/trend?${trend}`],
] as const) {
  await page.goto(`${demo.url}${path}`);
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
await browser.close();
