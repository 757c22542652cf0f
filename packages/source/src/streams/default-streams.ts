import type { StreamDefinition } from './stream.ts';
import type { MetricLayout } from './aggregate-query.ts';
import {
  campaignStream,
  dailyStream,
  hourlyStream,
  tableNames,
  totalStream,
} from './data-source-streams.ts';
import { ivtReport, pageUrlReport } from './report-streams.ts';

/**
 * Every stream that needs no configuration: the ten tables by day, at a coarser grain each, those
 * with an hour column by hour, and the templated reports. `isDefault` tells which an account is asked for on its own.
 */
export function builtInStreams(layout?: MetricLayout): StreamDefinition[] {
  const tables = tableNames();
  return [
    ...tables.map((table) => dailyStream(table, layout)),
    ...tables.flatMap((table) => [campaignStream(table, layout), totalStream(table, layout)]),
    ...tables.flatMap((table) => hourlyStream(table, layout) ?? []),
    ivtReport,
    pageUrlReport,
  ];
}

/** The streams that an account gets unless it is told otherwise; its kind says which. */
export const defaultStreams: readonly StreamDefinition[] = builtInStreams().filter(
  ({ isDefault }) => isDefault,
);
