import { describe, expect, test } from 'vitest';
import { consentStanding, describeConsent } from './consent-end.ts';

const nowMs = Date.parse('2027-06-30T12:00:00Z');

describe('the end of a consent', () => {
  test.each([
    ['2027-07-31', 31, false, 'The consent ends on 2027-07-31, in 31 days.'],
    [
      '2027-07-30',
      30,
      true,
      'The consent ends on 2027-07-30, in 30 days. Give it again: traffic-events login',
    ],
    [
      '2027-07-01',
      1,
      true,
      'The consent ends on 2027-07-01, in 1 day. Give it again: traffic-events login',
    ],
    [
      '2027-06-29',
      -1,
      true,
      'The consent ended on 2027-06-29. Give it again: traffic-events login',
    ],
  ])('%s', (ends, days, isDue, text) => {
    const standing = consentStanding(ends, nowMs);
    expect(standing).toEqual({ ends, days_left: days, is_due: isDue });
    expect(standing && describeConsent(standing)).toBe(text);
  });

  test('is unknown where nobody kept it', () => {
    expect(consentStanding(undefined, nowMs)).toBeNull();
  });
});
