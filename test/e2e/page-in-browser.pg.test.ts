import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';
import { DSP, servePages, startPageWorld } from './page-world.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import type { ServiceProcess } from './service-process.ts';
import type { World } from './world.ts';

/** Debian's; `CHROMIUM` names another. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const SCREENSHOTS = resolve(import.meta.dirname, '../dist/page');

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const trend = `/trend?${new URLSearchParams({ account: DSP, from: '2026-01-05', to: '2026-01-11' }).toString()}`;
const PATHS: Readonly<Record<string, string>> = {
  overview: '/',
  account: `/account?${new URLSearchParams({ id: DSP }).toString()}`,
  date: `/date?${new URLSearchParams({ account: DSP, date: '2026-01-07' }).toString()}`,
  trend,
  runs: '/runs',
};

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

async function seriousFindings(page: Page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly AxeFinding[]>(
    'axe.run().then((all) => all.violations)',
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes[0]?.html]);
}

describe.runIf(isThorough)('the pages in a browser', () => {
  let world: World;
  let database: PostgresUnderTest;
  let server: ServiceProcess;
  let url: string;
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    ({ world, database } = await startPageWorld());
    ({ process: server, url } = await servePages(world, database));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  /** Opens a page; what it complains of is in `faults`. */
  async function open(path: string, look: Parameters<Browser['newPage']>[0]) {
    const page = await browser.newPage({ bypassCSP: true, ...look });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('requestfailed', (request) => faults.push(`no ${request.url()}`));
    await page.goto(`${url}${path}`);
    return { page, faults };
  }

  test.each(
    Object.entries(PATHS).flatMap(([name, path]) =>
      (['light', 'dark'] as const).flatMap((colorScheme) =>
        [WIDE, PHONE].map((viewport) => ({ name, path, colorScheme, viewport })),
      ),
    ),
  )('$name, $colorScheme, $viewport.width wide', async ({ name, path, colorScheme, viewport }) => {
    const { page, faults } = await open(path, { colorScheme, viewport });
    const file = join(SCREENSHOTS, `${name}-${colorScheme}-${viewport.width}.png`);
    await page.screenshot({ path: file, fullPage: true });
    expect(await seriousFindings(page)).toEqual([]);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect([overflow, faults]).toEqual([0, []]);
    await page.close();
  });

  test('its own policy lets it look as it should, and nothing complains', async () => {
    const { page, faults } = await open('/', { bypassCSP: false });
    const family = await page.evaluate<string>('getComputedStyle(document.body).fontFamily');
    expect([family.includes('system-ui'), faults]).toEqual([true, []]);
    await page.close();
  });

  test('the keyboard leads from the first screen to a date and its numbers', async () => {
    const { page } = await open('/', { viewport: WIDE });
    const follow = async (name: string, to: RegExp) => {
      const link = page.getByRole('link', { name, exact: true }).first();
      await link.focus();
      await Promise.all([page.waitForURL(to), page.keyboard.press('Enter')]);
    };
    await follow(DSP, /account/);
    await follow('7', /date=2026-01-07/);
    const [entry] = await database.query<{ impressions: string }>(
      `SELECT sum(impressions)::text AS impressions FROM dsp_impressions WHERE event_date = '2026-01-07'`,
    );
    const shown = `impressions ${Number(entry?.impressions).toLocaleString('en-US')}`;
    await expect(page.getByText(shown, { exact: true }).count()).resolves.toBeGreaterThan(0);
    await page.close();
  });

  test('a trend is chosen by its form', async () => {
    const { page } = await open(trend, { viewport: WIDE });
    await page.getByLabel('From', { exact: true }).fill('2026-01-06');
    await page.getByLabel('To', { exact: true }).fill('2026-01-08');
    await page.getByRole('button', { name: 'Show' }).press('Enter');
    await page.waitForURL(/from=2026-01-06/);
    await page.getByText('Table', { exact: true }).press('Enter');
    expect(await page.getByRole('row').count()).toBe(4);
    await page.close();
  });
});
