import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect } from 'vitest';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/tables.md'), 'utf8');

/** What stands below a heading of docs/tables.md, up to the next one. */
export function section(heading: string): string {
  const begin = PAGE.indexOf(`### ${heading}\n`);
  expect(begin, `docs/tables.md has no section ${heading}`).toBeGreaterThanOrEqual(0);
  const end = PAGE.indexOf('\n##', begin + 1);
  return PAGE.slice(begin, end === -1 ? undefined : end);
}

/** Cells of the tables' rows whose first cell is a name. */
export function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$|`/g, '')));
}

/** Views whose columns stand on the page. */
export const DOCUMENTED_VIEWS = [
  'dsp_daily',
  'sponsored_ads_daily',
  'adserver_daily',
  'dsp_account_daily',
  'sponsored_ads_account_daily',
  'adserver_account_daily',
  'coverage',
] as const;

/** Name and type of each column of a view, in order. */
export function viewColumns(view: (typeof DOCUMENTED_VIEWS)[number]): [string, string][] {
  const isDaily = view !== 'coverage';
  const daily = `Columns of the ${view.includes('_account_') ? 'views of accounts' : 'daily views'}`;
  const rows = rowsOf(section(isDaily ? daily : 'Columns of `coverage`'));
  return rows
    .filter(([, , views = '']) => !isDaily || views === 'all' || views.split(', ').includes(view))
    .map(([name = '', type = '']) => [name, type]);
}
