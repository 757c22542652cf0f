import { expect, test } from 'vitest';
import { wrappedText } from './wrapped-text.ts';

test('lines are broken at blanks where the terminal ends, each below its own beginning', () => {
  expect(
    wrappedText('Not collected: devices_traffic, ivt_report.\n  dsp_clicks 20, dsp_views 20', 20),
  ).toBe(`Not collected:
devices_traffic,
ivt_report.
  dsp_clicks 20,
  dsp_views 20`);
});

test('what is longer than a line stays whole, and what follows stands on the next', () => {
  expect(wrappedText('open https://www.amazon.com/ap/oa?client_id=a and consent', 20)).toBe(`open
https://www.amazon.com/ap/oa?client_id=a
and consent`);
});

test('what is written to no terminal stays as it is', () => {
  const text = 'a '.repeat(500);
  expect(wrappedText(text, Infinity)).toBe(text);
});
