import { expect, test } from 'vitest';
import { tablesByAccount, textTable } from './text-table.ts';

const COLUMNS = [{ head: 'stream' }, { head: 'execution' }, { head: 'rows', isNumber: true }];
const ROW = ['sponsored_ads_invalid_traffic', '1846a55c-05d7-4e8c-9bb2-4db9c04c5dbc', '7'];

test.each([120, 80, 50, 30])('a table keeps within %i columns, and its numbers whole', (width) => {
  const lines = textTable(COLUMNS, [ROW], width);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
  expect(lines[1]).toMatch(/ 7$/);
});

const cellsOf = ({ stream }: { stream: string }) => [stream, '2026-01-12', '2026-01-28', '0'];

test('streams of several accounts stand whole below their account, at 80 columns', () => {
  const rows = ['DE:dsp:590122334455667788', 'UK:entity:ENTITY1A2B3C4D5E'].flatMap((accountId) =>
    ['sponsored_ads_invalid_traffic', 'sponsored_ads_traffic'].map((stream) => ({
      accountId,
      stream,
    })),
  );
  const columns = [{ head: 'stream' }, { head: 'since' }, { head: 'until' }, { head: 'in flight' }];
  expect(tablesByAccount(columns, rows, cellsOf, 80).join('\n')).toBe(`DE:dsp:590122334455667788
stream                         since       until       in flight
sponsored_ads_invalid_traffic  2026-01-12  2026-01-28  0
sponsored_ads_traffic          2026-01-12  2026-01-28  0

UK:entity:ENTITY1A2B3C4D5E
stream                         since       until       in flight
sponsored_ads_invalid_traffic  2026-01-12  2026-01-28  0
sponsored_ads_traffic          2026-01-12  2026-01-28  0`);
});
