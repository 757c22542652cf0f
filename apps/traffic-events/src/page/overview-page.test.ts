import { addDays } from '@traffic-events/slice';
import { expect, test } from 'vitest';
import type { Calendar } from '../status/calendar.ts';
import type { StatusReport } from '../status/read-report.ts';
import type { StreamReport } from '../status/stream-report.ts';
import { overviewPage } from './overview-page.ts';
import { pageDocument } from './page-document.ts';
import { SERVED_LINKS } from './page-links.ts';

const ACCOUNTS = 50;
const STREAMS = 12;
const AS_OF = '2026-03-01T06:00:00.000Z';
const YESTERDAY = '2026-02-28';

/** Two years with a hole in each month or so, as no warehouse should have. */
function calendar(seed: number): Calendar {
  const first = addDays(YESTERDAY, -729);
  const holes = Array.from({ length: 24 }, (_, index) => addDays(first, index * 30 + (seed % 25)));
  const spans = holes.flatMap((hole, index): Calendar => {
    const next = holes[index + 1] ?? addDays(YESTERDAY, -3);
    const standing = index % 3 === 0 ? 'missed' : 'frozen';
    return [
      { from: hole, to: hole, standing },
      { from: addDays(hole, 1), to: addDays(next, -1), standing: 'whole' },
    ];
  });
  return [...spans, { from: addDays(YESTERDAY, -3), to: YESTERDAY, standing: 'provisional' }];
}

function stream(account: number, index: number): StreamReport {
  return {
    stream: `sponsored_ads_invalid_traffic_${index}`,
    account_id: `DE:dsp:59012233445566${7788 + account}@Europe/Berlin`,
    is_collected: true,
    since: addDays(YESTERDAY, -729),
    bookmark: addDays(YESTERDAY, -4),
    calendar: calendar(account * STREAMS + index),
    open_dates: [],
    missed_dates: ['2025-01-01', '2025-06-01'],
    newly_missed_dates: [],
    at_risk: [],
    newest_whole_date: addDays(YESTERDAY, -4),
    next_loss_at: '2026-03-28T00:00:00.000Z',
    last_success: AS_OF,
    suppressed_share: 0.123,
    retries: [],
    in_flight: 0,
    bundle: null,
    last_run: { id: 'r', saved_at: AS_OF },
  };
}

test('two years of 50 accounts and 12 streams are a page of 500 kB at most', async () => {
  const streams = Array.from({ length: ACCOUNTS }, (_, account) =>
    Array.from({ length: STREAMS }, (_, index) => stream(account, index)),
  ).flat();
  const report: StatusReport = {
    as_of: AS_OF,
    streams,
    not_started: [],
    not_collected: [],
    consent: null,
    check: { exit_code: 0, findings: [] },
  };
  const views = { lagging: [], withoutCurrency: [] };
  const metrics = ['clicks', 'impressions', 'views', 'viewable_impressions', 'total_cost', 'users'];
  const held = streams.map(({ stream: name, account_id: accountId }) => ({
    stream: name,
    accountId,
    rowsHeld: '1234567',
    rowsByLedger: '1234567',
    withheldShares: Object.fromEntries(metrics.map((metric) => [metric, 0.123])),
  }));
  const body = overviewPage({ report, views, held, links: SERVED_LINKS });
  const page = await pageDocument({ title: 'Coverage', body, links: SERVED_LINKS, asOf: AS_OF });
  expect(page.match(/<svg class="strip"/g)).toHaveLength(ACCOUNTS * STREAMS);
  expect(Buffer.byteLength(page)).toBeLessThan(500_000);
});
