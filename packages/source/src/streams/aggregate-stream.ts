import { dataSource } from '@traffic-events/client';
import type { DataSourceColumn } from '@traffic-events/client';
import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';
import type { ResultColumn } from '@traffic-events/slice';

import type { Refresh, StreamDefinition } from './stream.ts';
import { EVENT_TIMING } from './timing.ts';
import { aggregateSql } from './aggregate-query.ts';
import type { AggregateSpec } from './aggregate-query.ts';
import { columnDescription } from './column-descriptions.ts';

export interface AggregateStreamOptions {
  readonly name: string;
  readonly description: string;
  /** The first metric is the one that copies of a slice are compared by. */
  readonly aggregate: AggregateSpec;
  readonly refresh: Refresh;
  readonly isDefault: boolean;
  /** The daily stream that it is a coarser grain of. */
  readonly coarserThan?: string;
}

/** The flag of rows that were re-aggregated because too few users stand behind them. */
export const discriminator: ResultColumn = {
  name: DISCRIMINATOR_COLUMN,
  type: 'BOOLEAN',
  role: 'discriminator',
  description:
    'True for a row that was summed up again without some of its dimensions, because too few users stand behind it.',
};

/** A stream over a query that groups one data source and sums. */
export function aggregateStream(options: AggregateStreamOptions): StreamDefinition {
  const { name, description, aggregate, refresh, isDefault, coarserThan } = options;
  const { dimensions, metrics } = aggregate;
  const sqlQuery = aggregateSql(aggregate);
  const columns = [...dimensions, ...metrics].map((column) => resultColumn(aggregate, column));
  return {
    name,
    description,
    accountKind: accountKindOf(aggregate.dataSource),
    dataSources: [aggregate.dataSource],
    query: { kind: 'sql', sqlQuery },
    aggregate,
    columns: [...columns, discriminator],
    mainMetrics: metrics,
    timing: EVENT_TIMING,
    refresh,
    isDefault,
    ...(coarserThan === undefined ? {} : { coarserThan }),
  };
}

/** Ad server and device tables are asked for with the header of a DSP advertiser. */
function accountKindOf(table: AggregateSpec['dataSource']): StreamDefinition['accountKind'] {
  return dataSource(table).accountKind === 'sponsored_ads' ? 'sponsored_ads' : 'dsp';
}

function resultColumn({ dataSource: table }: AggregateSpec, name: string): ResultColumn {
  const column = columnOf(table, name);
  const description = columnDescription(name);
  return {
    name,
    type: column.type,
    role: column.role,
    ...(column.unit === undefined ? {} : { unit: column.unit }),
    ...(description === undefined ? {} : { description }),
  };
}

/** `aggregateSql` has refused columns that the table does not have. */
function columnOf(table: AggregateSpec['dataSource'], name: string): DataSourceColumn {
  const column = dataSource(table).columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new TypeError(`${table} has no column ${name}`);
  return column;
}
