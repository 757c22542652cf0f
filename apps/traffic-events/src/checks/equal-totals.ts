import { parseAccountId } from '@traffic-events/slice';
import type { PartitionStatus } from '@traffic-events/warehouse';

/** So many dates with the same total, none of them 0, are no chance. */
const MIN_DATES = 2;

/**
 * Two marketplaces of one advertiser whose totals are the same, date by date: the service may have
 * taken no notice of the marketplace, and every event would count twice. A line for each pair.
 */
export function equalTotals(partitions: readonly PartitionStatus[]): string[] {
  const byStreamAndId = Map.groupBy(
    partitions,
    ({ stream, accountId }) => `${stream} ${idOf(accountId)}`,
  );
  return [...byStreamAndId.values()].flatMap((group) =>
    group.flatMap((one, index) =>
      group.slice(index + 1).flatMap((other) => {
        const dates = equalDates(one, other);
        return dates.length < MIN_DATES
          ? []
          : [
              `${one.stream}: ${one.accountId} and ${other.accountId} have the same totals on ${dates.join(', ')}`,
            ];
      }),
    ),
  );
}

/** The id without its marketplace: `dsp:1234`. */
function idOf(accountId: string): string {
  const { rawAccount = accountId } = parseAccountId(accountId) ?? {};
  return rawAccount.slice(rawAccount.indexOf(':') + 1);
}

/** The dates on which both hold a total other than 0; none where one of them differs. */
function equalDates(one: PartitionStatus, other: PartitionStatus): string[] {
  const both = Object.entries(one.state.tail).flatMap(([date, { main_sum: sum }]) => {
    const otherSum = other.state.tail[date]?.main_sum ?? null;
    const isKnown = sum !== null && otherSum !== null && (sum !== '0' || otherSum !== '0');
    return isKnown ? [{ date, isEqual: sum === otherSum }] : [];
  });
  return both.every(({ isEqual }) => isEqual) ? both.map(({ date }) => date) : [];
}
