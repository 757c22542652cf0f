import { describeSlice } from '@traffic-events/slice';
import type { SliceKey } from '@traffic-events/slice';
import type { RunSummary } from '@traffic-events/source';

const MAX_LISTED = 20;

/** What a run did, for people: a line of figures, then what needs attention and what to do. */
export function describeSummary(summary: RunSummary): string {
  const { loaded, kept, created, adopted, interrupted } = summary;
  const head = `${interrupted ? 'Interrupted: ' : ''}${loaded} slices loaded (${kept} of them poorer than the copy held, which stays), ${created} executions created, ${adopted} taken over.`;
  return [
    head,
    ...section('Failed, and tried again by the next run:', summary.failed),
    ...section('At risk, less than 48 hours remain; run again soon:', summary.atRisk),
    ...section('Lost: expired before any copy was made:', summary.missed),
    ...section('Closed on an incomplete copy:', summary.partial),
    ...section('Closed before everything had arrived:', summary.frozen),
    ...summary.failedAccounts.map(({ accountId, reason }) => `Account ${accountId}: ${reason}`),
    ...summary.beforeStart.map(
      ({ stream, accountId, from, to }) =>
        `${stream} ${accountId}: ${from} to ${to} was already out of the API's reach.`,
    ),
  ].join('\n');
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
