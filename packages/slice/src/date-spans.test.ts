import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinSpans, spanAt, spansOf, withoutSpan } from './date-spans.ts';
import type { DateSpan } from './date-spans.ts';
import { addDays, datesBetween } from './event-date.ts';

const date = fc.nat(40).map((days) => addDays('2026-02-20', days));
const span = fc.tuple(date, fc.nat(9)).map(([from, days]): DateSpan => [from, addDays(from, days)]);
const datesOf = (spans: readonly DateSpan[]) =>
  spans.flatMap(([from, to]) => [...datesBetween(from, to)]);

test('single dates make the fewest spans', () => {
  expect(spansOf(['2026-03-02', '2026-02-28', '2026-03-01', '2026-03-04'])).toEqual([
    ['2026-02-28', '2026-03-02'],
    ['2026-03-04', '2026-03-04'],
  ]);
});

test('joining loses no date, adds none, and leaves a gap between any two', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), date, (spans, any) => {
      const joined = joinSpans(spans);
      expect(datesOf(joined)).toEqual([...new Set(datesOf(spans))].sort());
      joined.slice(1).forEach(([from], at) => {
        expect(from > addDays(joined[at]?.[1] ?? '', 1)).toBe(true);
      });
      expect(spanAt(joined, any) !== undefined).toBe(datesOf(spans).includes(any));
    }),
  );
});

test('what is cut out is gone, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), span, (spans, cut) => {
      const joined = joinSpans(spans);
      const gone = new Set(datesOf([cut]));
      const left = datesOf(joined).filter((any) => !gone.has(any));
      expect(datesOf(withoutSpan(joined, cut))).toEqual(left);
    }),
  );
});
