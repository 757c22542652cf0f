import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { DataSourceColumn, DataSourceName } from '@traffic-events/client';

import type { AggregateSpec } from '../streams/aggregate-query.ts';

/** A column of the answer that is neither the label nor the flag. */
export interface BundleColumn {
  /** As the answer names it. */
  readonly name: string;
  readonly column: DataSourceColumn;
}

/** Where the columns of each data source stand in the answer. */
export class BundleColumns {
  readonly all: readonly BundleColumn[];
  readonly #names: ReadonlyMap<string, string>;

  constructor(specs: readonly AggregateSpec[]) {
    const used = usedColumns(specs);
    const kinds = new Map<string, Set<string>>();
    for (const { column } of used) {
      kinds.set(column.name, (kinds.get(column.name) ?? new Set()).add(kindOf(column)));
    }
    const nameOf = ({ source, column }: UsedColumn) =>
      kinds.get(column.name)?.size === 1 ? column.name : qualifiedName(source, column.name);
    const named = used.map((each) => ({ ...each, inAnswer: nameOf(each) }));
    this.#names = new Map(
      named.map(({ source, column, inAnswer }) => [`${source} ${column.name}`, inAnswer]),
    );
    const byName = new Map(named.map(({ inAnswer, column }) => [inAnswer, column]));
    this.all = [...byName].map(([name, column]) => ({ name, column }));
  }

  nameOf(source: DataSourceName, column: string): string {
    const name = this.#names.get(`${source} ${column}`);
    if (name === undefined) throw new TypeError(`${source}.${column} is not in the bundle`);
    return name;
  }
}

/** Of a column that needs a place for each data source. */
export function qualifiedName(source: DataSourceName, column: string): string {
  return `${source}__${column}`;
}

interface UsedColumn {
  readonly source: DataSourceName;
  readonly column: DataSourceColumn;
}

function usedColumns(specs: readonly AggregateSpec[]): UsedColumn[] {
  const used = new Map<string, UsedColumn>();
  for (const { dataSource: source, dimensions, metrics } of specs) {
    const { columns } = dataSource(source);
    for (const name of [...dimensions, ...metrics]) {
      const column = columns.find((each) => each.name === name);
      if (column === undefined) throw new TypeError(`${source} has no column ${name}`);
      used.set(`${source} ${name}`, { source, column });
    }
  }
  return [...used.values()];
}

/**
 * A service may judge a position of the output by its strictest branch: only columns that are judged
 * alike share one. Where a name has several kinds, none of them has it, so that no branch gives a
 * constant the name of a column that it groups by.
 */
function kindOf(column: DataSourceColumn): string {
  return `${column.type} ${column.role} ${effectiveThreshold(column)}`;
}
