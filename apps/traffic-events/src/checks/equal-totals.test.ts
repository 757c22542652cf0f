import { UNTOUCHED_ENTRY } from '@traffic-events/slice';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { expect, test } from 'vitest';
import { equalTotals } from './equal-totals.ts';

function held(accountId: string, sums: readonly (string | null)[]): PartitionStatus {
  const tail = sums.map((main_sum, index) => [
    `2026-01-0${index + 1}`,
    { ...UNTOUCHED_ENTRY, main_sum },
  ]);
  return {
    stream: 'dsp_impressions',
    accountId,
    state: {
      fingerprint: 'f',
      since: '2026-01-01',
      bookmark: null,
      tail: Object.fromEntries(tail),
      in_flight: [],
    },
    runId: 'r',
    savedAt: new Date(0),
    missedDates: [],
    failures: [],
  };
}

test('two marketplaces of one advertiser with the same totals are named', () => {
  const uk = held('UK:dsp:1', ['5', '7', '0']);
  expect(equalTotals([held('DE:dsp:1@Europe/Berlin', ['5', '7', '0']), uk])).toEqual([
    'dsp_impressions: DE:dsp:1@Europe/Berlin and UK:dsp:1 have the same totals on 2026-01-01, 2026-01-02',
  ]);
});

test.each([
  ['another total on one date', held('DE:dsp:1', ['5', '8'])],
  ['another advertiser', held('DE:dsp:2', ['5', '7'])],
  ['nothing but zeros', held('DE:dsp:1', ['0', '0'])],
  ['totals that are not known', held('DE:dsp:1', [null, null])],
  ['one date alone', held('DE:dsp:1', ['5'])],
])('%s is no such case', (_, other) => {
  const zeros = other.state.tail['2026-01-01']?.main_sum === '0';
  expect(equalTotals([other, held('UK:dsp:1', zeros ? ['0', '0'] : ['5', '7'])])).toEqual([]);
});
