import { expect, it } from 'vitest';

import { DailyQuota } from './daily-quota.ts';

const at = (text: string) => Date.parse(text);

it('counts the creates of a UTC date, earlier runs included, and begins anew at midnight', () => {
  const quota = new DailyQuota(2, [at('2026-01-01T23:59:59Z'), at('2026-01-02T01:00:00Z')]);
  expect(quota.isSpent(at('2026-01-02T02:00:00Z'))).toBe(false);
  quota.spend(at('2026-01-02T02:00:00Z'));
  expect(quota.isSpent(at('2026-01-02T23:59:59Z'))).toBe(true);
  expect(quota.isSpent(at('2026-01-03T00:00:00Z'))).toBe(false);
});

it('may be without a limit', () => {
  expect(new DailyQuota(Infinity, []).isSpent(0)).toBe(false);
});
