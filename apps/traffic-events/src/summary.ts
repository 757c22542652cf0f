import {
  describeLostDates,
  describeNotCollected,
  describeRange,
} from '@traffic-events/program/extraction';
import type { ExtractionReport } from '@traffic-events/program/extraction';
import { describeSlice } from '@traffic-events/slice';
import type { SliceKey } from '@traffic-events/slice';
import type { RunSummary } from '@traffic-events/source';

const MAX_LISTED = 20;

/** What a run did, for people: a line of figures, then what needs attention and what to do. */
export function describeReport({ summary, range, lost, notCollected }: ExtractionReport): string {
  const held = range === undefined ? undefined : describeRange(range);
  return [
    headline(summary),
    ...(held === undefined ? [] : [held]),
    ...section('Failed, and tried again by the next run:', summary.failed),
    ...section('At risk, less than 48 hours remain; run again soon:', summary.atRisk),
    ...section('Lost: expired before any copy was made:', summary.missed),
    ...section('Closed on an incomplete copy:', summary.partial),
    ...section('Closed before everything had arrived:', summary.frozen),
    ...summary.failedAccounts.map(({ accountId, reason }) => `Account ${accountId}: ${reason}`),
    ...refusedStreams(summary),
    ...summary.leftForLater.map(describeLeft),
    ...section(
      'In flight, and taken over by the next run:',
      summary.inFlight.map((slice) => ({ ...slice, reason: untilWhen(slice) })),
    ),
    ...describeLostDates(lost),
    ...describeNotCollected(notCollected),
  ].join('\n');
}

function headline({ loaded, kept, created, adopted, interrupted, outOfTime }: RunSummary): string {
  const ended = interrupted ? 'Interrupted: ' : outOfTime ? 'Out of time: ' : '';
  return `${ended}${loaded} slices loaded (${kept} of them poorer than the copy held, which stays), ${created} executions created, ${adopted} taken over.`;
}

function refusedStreams({ refusedStreams: refused }: RunSummary): string[] {
  if (refused.length === 0) return [];
  const named = refused.map(({ reason }) => `  ${reason}`);
  return ['Not asked for, as the warehouse does not take it:', ...named];
}

const LEFT_BECAUSE: Readonly<Record<RunSummary['leftForLater'][number]['reason'], string>> = {
  network: 'the API could not be reached',
  refused: 'the service refused the account',
  failure: 'they failed before',
  overlap: 'too many workflows ran over the same data',
  capacity: 'other programs hold the slots',
  quota: 'max_executions_per_day is spent',
  warehouse: 'the warehouse does not take their stream',
  time: 'the longest duration of the run has passed',
};

function describeLeft({
  accountId,
  reason,
  slices,
  nextTry,
}: RunSummary['leftForLater'][number]): string {
  const when =
    nextTry === null ? 'the next run tries them at once' : `tried again from ${nextTry} on`;
  return `Left for later of ${accountId}: ${slices} slices, because ${LEFT_BECAUSE[reason]}; ${when}.`;
}

function untilWhen({ executionId, expireTime }: RunSummary['inFlight'][number]): string {
  return `${executionId}, whose result expires ${expireTime ?? 'at an unknown time'}`;
}

function section(
  title: string,
  slices: readonly (SliceKey & { readonly reason?: string })[],
): string[] {
  if (slices.length === 0) return [];
  const listed = slices
    .slice(0, MAX_LISTED)
    .map(
      (slice) =>
        `  ${describeSlice(slice)}${slice.reason === undefined ? '' : `: ${slice.reason}`}`,
    );
  const rest = slices.length - listed.length;
  return [
    title,
    ...listed,
    ...(rest > 0 ? [`  … and ${rest} more; see traffic-events status`] : []),
  ];
}
