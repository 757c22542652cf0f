import type { Copy } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { newPartition, withClosed, withReopened } from './partition.ts';

const suspect: Copy = {
  executionId: 'e',
  createTimeMs: Date.parse('2026-01-09T00:00:00Z'),
  complete: true,
  settled: true,
  suspect: false,
  rowCount: 1,
  mainSum: '1',
};

describe('a slice that is opened again', () => {
  const dates = ['2026-01-01', '2026-01-02', '2026-01-03'];
  const closed = dates.reduce(
    (partition, date) => withClosed(partition, date, 'settled'),
    newPartition('f', '2026-01-01'),
  );

  it('is suspect, and what was closed behind it stays closed', () => {
    const partition = withReopened(closed, '2026-01-02', suspect);
    expect(partition.bookmark).toBe('2026-01-01');
    expect(partition.tail).toMatchObject({
      '2026-01-02': { status: 'open', suspect: true, execution_id: 'e' },
      '2026-01-03': { status: 'settled' },
    });
    expect(withClosed(partition, '2026-01-02', 'frozen')).toEqual(closed);
  });

  it('may be the first one', () => {
    expect(withReopened(closed, '2026-01-01', suspect).bookmark).toBeNull();
  });
});
