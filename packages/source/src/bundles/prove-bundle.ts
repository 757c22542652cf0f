import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { BundleAnswer } from '@traffic-events/slice';

import type { ResultSummary } from '../results/summarise.ts';
import type { ProofVerdict } from '../state/bundle-record.ts';
import type { StreamDefinition } from '../streams/stream.ts';

/** Shares are divided in floating point. */
const SHARE_TOLERANCE = 1e-9;

/**
 * What the stream's own query says of the answer of a bundle over the same slice. Only metrics that
 * need a single user are compared: their sums are whole, whatever is withheld.
 */
export function compareAlone(
  stream: StreamDefinition,
  answer: BundleAnswer,
  alone: ResultSummary,
): ProofVerdict {
  const eventDate = answer.event_date;
  if (alone.rowCount === 0 && answer.row_count === 0) return { proof: 'empty', eventDate };
  const reason = lacksOf(stream, answer, alone);
  return reason === undefined
    ? { proof: 'equal', eventDate }
    : { proof: 'refused', eventDate, reason };
}

/** What a bundle has less of; undefined where it has all. */
function lacksOf(
  stream: StreamDefinition,
  answer: BundleAnswer,
  alone: ResultSummary,
): string | undefined {
  for (const metric of wholeMetrics(stream)) {
    const whole = alone.sums[metric] ?? null;
    const sum = answer.sums[metric] ?? null;
    if (whole === null || (sum !== null && !isLess(sum, whole))) continue;
    return `a bundle has ${sum ?? 'an unknown sum of'} ${metric}, where its own query has ${whole}`;
  }
  const withheld = answer.suppressed_share ?? 1;
  const usual = alone.suppressedShare ?? 1;
  return withheld > usual + SHARE_TOLERANCE
    ? `a bundle withholds ${share(withheld)} of it, its own query ${share(usual)}`
    : undefined;
}

function wholeMetrics({ aggregate, mainMetrics }: StreamDefinition): string[] {
  if (aggregate === undefined) return [];
  const { columns } = dataSource(aggregate.dataSource);
  return mainMetrics.filter((metric) =>
    columns.some((column) => column.name === metric && effectiveThreshold(column) === 'NONE'),
  );
}

/** Exact, of decimals with any number of digits. */
function isLess(a: string, b: string): boolean {
  const places = Math.max(placesOf(a), placesOf(b));
  return scaled(a, places) < scaled(b, places);
}

function placesOf(decimal: string): number {
  return decimal.split('.')[1]?.length ?? 0;
}

function scaled(decimal: string, places: number): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(places, '0')}`);
}

function share(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
