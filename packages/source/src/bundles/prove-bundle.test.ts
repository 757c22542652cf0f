import type { BundleAnswer } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { dailyStream } from '../streams/data-source-streams.ts';
import { compareAlone } from './prove-bundle.ts';

const stream = dailyStream('dsp_impressions', 'joined');

const answer: BundleAnswer = {
  event_date: '2026-01-05',
  execution_id: 'e',
  row_count: 2,
  sums: { impressions: '90071992547409930', total_cost: '12.50' },
  suppressed_share: 0.25,
};
const alone = {
  rowCount: 2,
  sums: { impressions: '90071992547409930', total_cost: '12.5' },
  mainSum: '90071992547409930',
  suppressedShare: 0.25,
};

it('a bundle that has as much, or more, is equal', () => {
  expect(stream.mainMetrics).toEqual(expect.arrayContaining(Object.keys(answer.sums)));
  expect(compareAlone(stream, answer, alone)).toEqual({ proof: 'equal', eventDate: '2026-01-05' });
  const less = { ...alone, sums: { ...alone.sums, total_cost: '12.49999' } };
  expect(compareAlone(stream, answer, less).proof).toBe('equal');
  const unknown = { ...alone, sums: { impressions: null, total_cost: null } };
  expect(compareAlone(stream, answer, unknown).proof).toBe('equal');
});

it('a bundle that has less is refused, to the last digit, and it is said of what', () => {
  const more = { ...alone, sums: { ...alone.sums, impressions: '90071992547409931' } };
  expect(compareAlone(stream, answer, more)).toEqual({
    proof: 'refused',
    eventDate: '2026-01-05',
    reason: 'a bundle has 90071992547409930 impressions, where its own query has 90071992547409931',
  });
  const blanked = { ...answer, sums: { ...answer.sums, impressions: null } };
  expect(compareAlone(stream, blanked, alone).reason).toBe(
    'a bundle has an unknown sum of impressions, where its own query has 90071992547409930',
  );
  expect(compareAlone(stream, { ...answer, suppressed_share: 0.3 }, alone).reason).toBe(
    'a bundle withholds 30.0 % of it, its own query 25.0 %',
  );
  expect(compareAlone(stream, { ...answer, row_count: 0, sums: {} }, alone).proof).toBe('refused');
});

it('no rows on either side show nothing', () => {
  const nothing = { rowCount: 0, sums: {}, mainSum: '0', suppressedShare: 0 };
  expect(compareAlone(stream, { ...answer, row_count: 0, sums: {} }, nothing).proof).toBe('empty');
});
