import type { Rate, Terms } from './daily-view.ts';

/** Column with what is withheld of a metric on the account's date. */
export const withheld = (metric: string) => `${metric}_withheld`;

/** The rate, and the two ends between which the true one lies, by column. */
export function rateColumns(name: string, rate: Rate): Readonly<Record<string, string>> {
  const [low, high] = boundsOf(rate);
  return {
    [name]: told(`${rate.numerator} / nullif(${wholeOf(rate)}, 0)`),
    [`${name}_low`]: bound(rate, low),
    [`${name}_high`]: bound(rate, high),
  };
}

/** What the told part of the numerator is divided by. */
function wholeOf({ of, numerator, denominator }: Rate): string {
  const terms = sumOf(denominator);
  return of === 'share' ? `(${numerator} + ${terms})` : terms;
}

/**
 * The least and the most that the campaign's rate can be, when any share of the withheld rows of
 * its date may be its own.
 */
function boundsOf({ of, numerator: c, denominator }: Rate): [low: string, high: string] {
  const i = sumOf(denominator);
  const [withheldC, withheldI] = [withheld(c), sumOf(denominator, withheld)];
  switch (of) {
    case 'among':
      return [
        `${c} / nullif(${i} + ${withheldI} - ${withheldC}, 0)`,
        `(${c} + ${withheldC}) / nullif(${i} + ${withheldC}, 0)`,
      ];
    case 'share':
      return [
        `${c} / nullif(${c} + ${i} + ${withheldI}, 0)`,
        `(${c} + ${withheldC}) / nullif(${c} + ${withheldC} + ${i}, 0)`,
      ];
    default:
      return [`${c} / nullif(${i} + ${withheldI}, 0)`, `(${c} + ${withheldC}) / nullif(${i}, 0)`];
  }
}

/** Unknown where what is withheld is, or where nothing is told. */
function bound(rate: Rate, formula: string): string {
  const known = [rate.numerator, ...rate.denominator.plus].map(
    (metric) => `${withheld(metric)} IS NOT NULL`,
  );
  return `CASE WHEN NOT is_suppressed AND ${wholeOf(rate)} <> 0 AND ${known.join(' AND ')} THEN ${formula} END`;
}

/** NULL in a suppressed row: what stands in it comes from other users in each source. */
function told(formula: string): string {
  return `CASE WHEN NOT is_suppressed THEN ${formula} END`;
}

function sumOf({ plus, minus = [] }: Terms, column = (metric: string) => metric): string {
  const terms = [
    plus.map((metric) => column(metric)).join(' + '),
    ...minus.map((metric) => `coalesce(${column(metric)}, 0)`),
  ].join(' - ');
  return plus.length + minus.length === 1 ? terms : `(${terms})`;
}
