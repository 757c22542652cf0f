import { createHash } from 'node:crypto';
import { describeSlice } from '@traffic-events/slice';
import type { InstantMs, SliceKey } from '@traffic-events/slice';
import type { RunSummary } from '@traffic-events/source';
import type { PartitionStatus } from '@traffic-events/warehouse';
import type { ConsentStanding } from '../consent/consent-end.ts';
import { describeConsent } from '../consent/consent-end.ts';
import type { Alert, AlertKind } from './alert.ts';

const DAY_MS = 86_400_000;
const MAX_LISTED = 50;
/** Days before the end of a consent on which it is told of; from its end on every day. */
const CONSENT_DAYS = new Set([30, 14, 7, 3, 2, 1]);

/** What one run came to. */
export interface RunFacts {
  /** What it did, where it got so far. */
  readonly summary: RunSummary | undefined;
  /** What ended it, in words. */
  readonly failure: string | undefined;
  /** Accounts that it was about. */
  readonly accounts: readonly string[];
  /** How the warehouse stands behind it; undefined where it cannot be read. */
  readonly statuses: readonly PartitionStatus[] | undefined;
  readonly consent: ConsentStanding | null;
  readonly nowMs: InstantMs;
  /** Since when this process knows of no account that was come to. */
  readonly sinceMs: InstantMs;
}

/** What there is to tell of a run. */
export function alertsOf(facts: RunFacts): Alert[] {
  const { summary } = facts;
  const twice = summary?.failed.filter(({ attempts }) => attempts >= 2) ?? [];
  return [
    ...ofSlices('missed', 'Lost: expired before any copy was made', summary?.missed),
    ...ofSlices('at_risk', 'At risk, less than 48 hours remain', summary?.atRisk),
    ...ofSlices('failed_twice', 'Failed twice and more', twice),
    ...downAlerts(facts),
    ...consentAlerts(facts),
  ];
}

function ofSlices(
  event: AlertKind,
  title: string,
  slices: readonly (SliceKey & { readonly reason?: string })[] = [],
): Alert[] {
  if (slices.length === 0) return [];
  const names = slices.map(describeSlice);
  const listed = slices
    .slice(0, MAX_LISTED)
    .map(
      (slice, index) => `${names[index]}${slice.reason === undefined ? '' : `: ${slice.reason}`}`,
    );
  const rest = slices.length - listed.length;
  const more = rest > 0 ? [`… and ${rest} more`] : [];
  return [
    {
      event,
      id: idOf(event, names),
      text: `${title}:\n${[...listed, ...more].join('\n')}`,
      details: {
        slices: slices.map(({ stream, accountId, eventDate, reason }) => ({
          stream,
          account_id: accountId,
          event_date: eventDate,
          ...(reason === undefined ? {} : { reason }),
        })),
      },
    },
  ];
}

/** Accounts that this run has not come to, and that none has for a day. */
function downAlerts({
  summary,
  failure,
  accounts,
  statuses = [],
  nowMs,
  sinceMs,
}: RunFacts): Alert[] {
  const reasons = new Map(
    failure === undefined
      ? summary?.failedAccounts.map(({ accountId, reason }) => [accountId, reason] as const)
      : accounts.map((accountId) => [accountId, failure] as const),
  );
  const down = [...reasons].flatMap(([accountId, reason]) => {
    const saved = statuses.filter((status) => status.accountId === accountId);
    const lastMs = Math.max(...saved.map(({ savedAt }) => savedAt.getTime()));
    const from = saved.length === 0 ? sinceMs : lastMs;
    if (nowMs - from < DAY_MS) return [];
    return [{ account_id: accountId, since: new Date(from).toISOString(), reason }];
  });
  if (down.length === 0) return [];
  const listed = down.map(
    ({ account_id, since, reason }) => `${account_id} since ${since}: ${reason}`,
  );
  return [
    {
      event: 'down',
      id: idOf('down', [...reasons.keys()]),
      text: `No run has come to these accounts for a day:\n${listed.slice(0, MAX_LISTED).join('\n')}`,
      details: { accounts: down },
    },
  ];
}

function consentAlerts({ consent }: RunFacts): Alert[] {
  if (consent === null) return [];
  const { days_left: days, ends } = consent;
  if (days > 0 && !CONSENT_DAYS.has(days)) return [];
  return [
    {
      event: 'consent_ends',
      id: `consent_ends:${ends}`,
      text: describeConsent(consent),
      details: { ends, days_left: days },
    },
  ];
}

function idOf(event: AlertKind, names: readonly string[]): string {
  const digest = createHash('sha256').update(names.toSorted().join('\n')).digest('hex');
  return `${event}:${digest.slice(0, 16)}`;
}
