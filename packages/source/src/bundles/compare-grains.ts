import type { ResultSummary } from '../results/summarise.ts';
import type { BundleMember } from './compose-bundles.ts';

/** A stream of an answer, and what its rows sum up to. */
export interface ReadBranch {
  readonly member: BundleMember;
  readonly summary: ResultSummary;
}

/**
 * What the grains of one data source say against each other. They are of one execution, so that each
 * has all of the same events: where their sums differ, rows stand under a wrong label. A sum that is
 * not known, as a cell was blanked, says nothing.
 */
export function grainDoubts(branches: readonly ReadBranch[]): string[] {
  const sources = Map.groupBy(branches, ({ member }) => member.aggregate.dataSource);
  return [...sources].flatMap(([source, grains]) =>
    metricsOf(grains).flatMap((metric) => {
      const sums = grains.map(({ summary }) => summary.sums[metric] ?? null);
      const known = new Set(sums.filter((sum) => sum !== null));
      return known.size < 2
        ? []
        : [`the grains of ${source} differ in ${metric}: ${[...known].join(', ')}`];
    }),
  );
}

function metricsOf(grains: readonly ReadBranch[]): string[] {
  return [...new Set(grains.flatMap(({ member }) => member.aggregate.metrics))];
}
