import { describe, expect, test } from 'vitest';
import { WatchedAccount } from './watched-account.ts';
import { progressLines } from './progress-lines.ts';

const at = (hour: number) => new Date(2026, 0, 31, hour).getTime();
const screen = { width: 100, height: 24, nowMs: at(8), paint: (_: unknown, text: string) => text };

interface Told {
  readonly planned?: number;
  readonly loaded?: number;
  readonly failed?: number;
  readonly hasFailed?: boolean;
}

function accountOf(accountId: string, { planned, loaded = 0, failed = 0, hasFailed }: Told = {}) {
  const account = new WatchedAccount(accountId);
  if (planned !== undefined) {
    const fields = { slices: planned, in_flight: 0, hours_ahead: 2 };
    account.take('run.planned', fields, at(6));
  }
  for (let done = 0; done < loaded; done += 1) {
    account.take('slice.loaded', { row_count: 1000 }, at(7));
  }
  for (let done = 0; done < failed; done += 1) account.take('slice.failed', {}, at(7));
  if (hasFailed === true) account.take('account.failed', {}, at(7));
  return account;
}

test('an account has its state, its rows, and the time of its end at the pace so far', () => {
  const accounts = [
    accountOf('DE:dsp:1', { planned: 4, loaded: 2 }),
    accountOf('DE:dsp:2'),
    accountOf('DE:dsp:3', { planned: 1, loaded: 1 }),
    accountOf('DE:dsp:4', { planned: 3, failed: 1, hasFailed: true }),
  ];
  expect(progressLines(accounts, screen)).toEqual([
    'DE:dsp:1  running  ██████░░░░░░ 2 of 4  ends about 08:30  2,000 rows',
    'DE:dsp:4  failed   ████░░░░░░░░ 1 of 3  1 failed  0 rows',
    'DE:dsp:2  waiting',
    'DE:dsp:3  done     ████████████ 1 of 1  1,000 rows',
    '1 running, 1 failed, 1 waiting, 1 done; 4 of 8 results, ends about 08:30, 3,000 rows',
  ]);
});

describe('the time of the end', () => {
  test('is told by the usual pace before anything has ended, and names another day', () => {
    const account = new WatchedAccount('DE:dsp:1');
    account.take('run.planned', { slices: 100, in_flight: 0, hours_ahead: 30 }, at(6));
    expect(progressLines([account], screen)[0]).toContain('ends about 12:00 in 1 d');
  });

  test.each([at(7), at(7) + 45 * 60_000])(
    'stays while the next executions are awaited',
    (nowMs) => {
      const account = accountOf('DE:dsp:1', { planned: 10, loaded: 5 });
      expect(progressLines([account], { ...screen, nowMs })[0]).toContain('ends about 08:00');
    },
  );

  test('is never in the past', () => {
    const account = accountOf('DE:dsp:1', { planned: 4 });
    expect(progressLines([account], { ...screen, nowMs: at(20) })[0]).toContain('ends about 20:00');
  });

  test('is not told where there is nothing to wait for', () => {
    const lines = progressLines([accountOf('DE:dsp:1', { planned: 1, loaded: 1 })], screen);
    expect(lines.join()).not.toContain('ends');
  });
});

describe('a small terminal', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    accountOf(`DE:dsp:${'1234567890'.repeat(3)}${index}@Europe/Berlin`, { planned: 4, loaded: 1 }),
  );

  test.each([20, 40, 60, 80])('of %i columns has no longer line', (width) => {
    for (const line of progressLines(many, { ...screen, width })) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  test('of 80 columns tells ids of 18 digits apart, and when each ends', () => {
    const accounts = ['1', '2'].map((last) =>
      accountOf(`DE:dsp:58493021938475619${last}@America/Los_Angeles`, { planned: 40, loaded: 10 }),
    );
    const [first, second] = progressLines(accounts, { ...screen, width: 80 });
    expect(first).toMatch(/10 of 40 {2}ends about \d\d:\d\d/);
    expect(first?.slice(0, 40)).not.toBe(second?.slice(0, 40));
  });

  test('of few lines shows those that run or failed, and counts the rest', () => {
    const accounts = [...many.slice(0, 3), accountOf('DE:dsp:9', { planned: 1, hasFailed: true })];
    const waiting = Array.from({ length: 10 }, (_, index) => accountOf(`UK:dsp:${index}`));
    const lines = progressLines([...waiting, ...accounts], { ...screen, height: 6 });
    expect(lines).toHaveLength(6);
    expect(lines.slice(0, 4).join('\n')).not.toContain('waiting');
    expect(lines.at(-1)).toMatch(/^… and 9 more\. 3 running, 1 failed, 10 waiting; /);
  });
});
