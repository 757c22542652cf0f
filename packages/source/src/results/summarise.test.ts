import type { ResultRow } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { Summariser, summaryColumns } from './summarise.ts';
import { streamOf } from '../testing/stream-fixture.ts';

const stream = streamOf({
  columns: [
    { name: 'campaign', type: 'STRING', role: 'dimension' },
    { name: 'impressions', type: 'LONG', role: 'metric' },
    { name: 'total_cost', type: 'LONG', role: 'metric' },
    { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
  ],
  mainMetrics: ['impressions', 'total_cost'],
});

function summaryOf(...rows: ResultRow[]) {
  const summariser = new Summariser(stream, summaryColumns(stream));
  for (const row of rows) summariser.add(row);
  return summariser.summary();
}

describe('the summary of a result', () => {
  it('has rows, exact sums and the suppressed share of the main metric', () => {
    const summary = summaryOf(
      ['a', '9007199254740993', '5', 'false'],
      ['b', '7', '1', 'false'],
      [null, '9007199254741000', '3', 'true'],
    );
    expect(summary).toEqual({
      rowCount: 3,
      sums: { impressions: '18014398509482000', total_cost: '9' },
      mainSum: '18014398509482000',
      suppressedShare: 0.5,
    });
  });

  it('does not know a sum of which a suppressed row withholds a part', () => {
    const { sums, mainSum, suppressedShare } = summaryOf(
      ['a', '5', '5', 'false'],
      [null, null, '3', 'true'],
    );
    expect(sums).toEqual({ impressions: null, total_cost: '8' });
    expect([mainSum, suppressedShare]).toEqual([null, null]);
  });

  it('does not know the sum of a metric that the configuration has made a text', () => {
    const columns = stream.columns.map((column) =>
      column.name === 'impressions' ? { ...column, type: 'STRING' as const } : column,
    );
    const typed = { ...stream, columns };
    const summariser = new Summariser(typed, summaryColumns(typed));
    summariser.add(['a', 'n/a', '5', 'false']);
    expect(summariser.summary()).toMatchObject({
      rowCount: 1,
      sums: { impressions: null, total_cost: '5' },
      mainSum: null,
    });
  });

  it('takes an empty cell of a row that was not suppressed for nothing', () => {
    expect(summaryOf(['a', '5', null, 'false']).sums).toEqual({
      impressions: '5',
      total_cost: '0',
    });
  });

  it('knows that an empty result has a sum of 0', () => {
    expect(summaryOf()).toEqual({
      rowCount: 0,
      sums: { impressions: '0', total_cost: '0' },
      mainSum: '0',
      suppressedShare: 0,
    });
  });
});
