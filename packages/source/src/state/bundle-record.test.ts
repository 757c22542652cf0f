import { expect, it } from 'vitest';

import { DAY_MS } from '../streams/timing.ts';
import { membersAllowed, withLimit } from './bundle-record.ts';
import { newPartition } from './partition.ts';

const NOW = Date.parse('2026-01-10T06:00:00Z');
const partition = newPartition('f', '2026-01-01');

it('what is refused of a larger bundle does not raise a limit, while it counts', () => {
  const limited = withLimit(partition, 2, NOW);
  expect(membersAllowed(withLimit(limited, 4, NOW + DAY_MS), NOW + DAY_MS)).toBe(2);
  expect(membersAllowed(withLimit(limited, 1, NOW + DAY_MS), NOW + DAY_MS)).toBe(1);
  const later = NOW + 30 * DAY_MS;
  expect(membersAllowed(limited, later)).toBe(Infinity);
  expect(membersAllowed(withLimit(limited, 4, later), later)).toBe(4);
});
