import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { DataSourceColumn } from '@traffic-events/client';
import { RESERVED_COLUMNS } from '@traffic-events/slice';
import type { ColumnType } from '@traffic-events/slice';
import { builtInStreams, recordKey } from '@traffic-events/source';
import type { StreamColumn, StreamDefinition } from '@traffic-events/source';
import { expect, test } from 'vitest';

import { rowsOf, section } from './tables-page.ts';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  STRING: 'text',
  LONG: 'bigint',
  INTEGER: 'bigint',
  DECIMAL: 'numeric',
  DOUBLE: 'numeric',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamptz',
};

const streams = builtInStreams();
const isHourly = ({ name }: StreamDefinition) => name.endsWith('_hourly');
const hourly = streams.filter(isHourly);
const coarser = streams.filter(({ coarserThan }) => coarserThan !== undefined);
const daily = streams.filter((stream) => !isHourly(stream) && !coarser.includes(stream));

function ownColumns({ columns }: StreamDefinition): StreamColumn[] {
  return columns.filter(({ role }) => role !== 'discriminator');
}

function metricsOf({ columns }: StreamDefinition): StreamColumn[] {
  return columns.filter(({ role }) => role === 'metric');
}

function documented(
  stream: StreamDefinition,
  { name }: StreamColumn,
): DataSourceColumn | undefined {
  if (stream.aggregate === undefined) return undefined;
  return dataSource(stream.aggregate.dataSource).columns.find((column) => column.name === name);
}

function thresholdOf(column: DataSourceColumn | undefined): string {
  if (column === undefined) return '-';
  return `${effectiveThreshold(column)}${column.threshold === null ? ' (assumed)' : ''}`;
}

test.each(daily)('$name stands on the page with its columns, types and thresholds', (stream) => {
  const rows = rowsOf(section(`\`${stream.name}\``)).map((cells) => cells.slice(0, 3));
  expect(rows).toEqual(
    ownColumns(stream).map((column) => [
      recordKey(column),
      SQL_TYPES[column.type],
      thresholdOf(documented(stream, column)),
    ]),
  );
});

test.each(daily)('$name says what may be blanked and which costs are millicents', (stream) => {
  const meanings = new Map(
    rowsOf(section(`\`${stream.name}\``)).map(([name, , , meaning]) => [name, meaning ?? '']),
  );
  for (const column of ownColumns(stream)) {
    const meaning = meanings.get(recordKey(column)) ?? '';
    const source = documented(stream, column);
    const mayBeBlanked =
      column.role === 'metric' && source !== undefined && effectiveThreshold(source) !== 'NONE';
    const { name } = column;
    expect([name, meaning.includes('NULL where blanked')]).toEqual([name, mayBeBlanked]);
    expect([name, meaning.startsWith('millicents')]).toEqual([name, column.unit === 'millicents']);
  }
});

test.each(daily)(
  '$name says its main metric, and whether metrics have rows of their own',
  (stream) => {
    const text = section(`\`${stream.name}\``).replaceAll('\n', ' ');
    expect(text).toContain(`Main metric: \`${stream.mainMetrics[0]}\``);
    const { aggregate } = stream;
    const hasOwnRows = aggregate?.layout === 'per_metric' && aggregate.metrics.length > 1;
    expect(text.includes('**A row per combination and metric.**')).toBe(hasOwnRows);
    const isListed = section('How to total').includes(`\`${stream.name}\``);
    if (stream.name !== 'dsp_impressions') expect(isListed).toBe(hasOwnRows);
  },
);

test('every hourly variant stands on the page with the column that it adds', () => {
  expect(rowsOf(section('Hourly variants'))).toEqual(
    hourly.map((stream) => {
      const [hour, ...rest] = ownColumns(stream);
      const plain = daily.find(({ name }) => `${name}_hourly` === stream.name);
      expect(rest).toEqual(plain && ownColumns(plain));
      if (hour === undefined) throw new TypeError(`${stream.name} has no columns`);
      const threshold = thresholdOf(documented(stream, hour));
      return [stream.name, recordKey(hour), SQL_TYPES[hour.type], threshold];
    }),
  );
});

test('every coarser grain stands on the page with its dimensions, and has all metrics of its table', () => {
  expect(rowsOf(section('Coarser grains'))).toEqual(
    coarser.map((stream) => {
      const dimensions = ownColumns(stream).filter(({ role }) => role === 'dimension');
      const plain = daily.find(({ name }) => name === stream.coarserThan);
      expect(metricsOf(stream)).toEqual(plain && metricsOf(plain));
      expect(plain?.columns).toEqual(expect.arrayContaining(dimensions));
      const { aggregate } = stream;
      const hasOwnRows = aggregate?.layout === 'per_metric' && aggregate.metrics.length > 1;
      const rows = hasOwnRows ? 'combination and metric' : 'combination';
      return [
        stream.name,
        dimensions.map(recordKey).join(', ') || 'none',
        dimensions.length === 0 ? 'date' : rows,
      ];
    }),
  );
});

test('the columns of every slice table stand on the page', () => {
  const rows = rowsOf(section('Columns of every slice table'));
  expect(rows.map(([name]) => name)).toEqual([...RESERVED_COLUMNS]);
});
