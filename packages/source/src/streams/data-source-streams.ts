import { dataSource, dataSources } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';

import { tableOfGrain } from '@traffic-events/slice';

import type { StreamDefinition } from './stream.ts';
import type { MetricLayout } from './aggregate-query.ts';
import { aggregateStream } from './aggregate-stream.ts';
import {
  accountDimensions,
  campaignDimensions,
  defaultDimensions,
  defaultMetrics,
} from './default-columns.ts';
import { defaultLayout } from './default-layout.ts';

interface TableFacts {
  /** The metric that copies of a slice are compared by. */
  readonly main: string;
  readonly description: string;
}

const facts: Readonly<Record<DataSourceName, TableFacts>> = {
  adserver_traffic: {
    main: 'impressions',
    description: 'Impressions, clicks and video plays of an ad server advertiser.',
  },
  devices_traffic: {
    main: 'impressions',
    description: 'Impressions and clicks of ads on Amazon devices, and what they cost.',
  },
  dsp_clicks: { main: 'clicks', description: 'Clicks on the ads of a DSP advertiser.' },
  dsp_impressions: {
    main: 'impressions',
    description: 'Impressions of a DSP advertiser and what they cost.',
  },
  dsp_invalid_clicks: {
    main: 'invalid_clicks',
    description: 'Clicks on the ads of a DSP advertiser that were found invalid.',
  },
  dsp_invalid_impressions: {
    main: 'invalid_impressions',
    description: 'Impressions of a DSP advertiser that were found invalid.',
  },
  dsp_views: {
    main: 'events',
    description: 'Views of the ads of a DSP advertiser: measurable, viewable and neither.',
  },
  invalid_adserver_traffic: {
    main: 'invalid_impressions',
    description: 'Ad server traffic that was found invalid.',
  },
  sponsored_ads_invalid_traffic: {
    main: 'invalid_impressions',
    description: 'Traffic of a sponsored ads entity that was found invalid.',
  },
  sponsored_ads_traffic: {
    main: 'impressions',
    description: 'Impressions, clicks and views of the ads of a sponsored ads entity.',
  },
};

/** The daily stream over a table, named like it. */
export function dailyStream(table: DataSourceName, layout?: MetricLayout): StreamDefinition {
  const source = dataSource(table);
  const { main, description } = facts[table];
  return aggregateStream({
    name: table,
    description,
    aggregate: {
      dataSource: table,
      dimensions: defaultDimensions(source),
      metrics: defaultMetrics(source, main),
      layout: layout ?? defaultLayout(table),
    },
    refresh: 'daily',
    isDefault: source.accountKind === 'dsp' || source.accountKind === 'sponsored_ads',
  });
}

/** `<table>_hourly`: the same by UTC hour; undefined where the table has no hour column. */
export function hourlyStream(
  table: DataSourceName,
  layout?: MetricLayout,
): StreamDefinition | undefined {
  const { eventHourColumn } = dataSource(table);
  const { aggregate, description } = dailyStream(table, layout);
  if (eventHourColumn === null || aggregate === undefined) return undefined;
  return aggregateStream({
    name: `${table}_hourly`,
    description: `${description} By UTC hour.`,
    aggregate: { ...aggregate, dimensions: [eventHourColumn, ...aggregate.dimensions] },
    refresh: 'daily',
    isDefault: false,
  });
}

/** `<table>_by_campaign`: a row per campaign, whatever else is known of its events. */
export function campaignStream(table: DataSourceName, layout?: MetricLayout): StreamDefinition {
  return coarserStream(table, layout, {
    name: tableOfGrain(table, 'campaign'),
    dimensions: campaignDimensions(dataSource(table)),
    words: 'By campaign.',
  });
}

/** `<table>_total`: a row per account and date, which loses nothing to thresholds but its rare metrics. */
export function totalStream(table: DataSourceName, layout?: MetricLayout): StreamDefinition {
  return coarserStream(table, layout, {
    name: tableOfGrain(table, 'account'),
    dimensions: accountDimensions(dataSource(table)),
    words: 'The total of the account.',
  });
}

function coarserStream(
  table: DataSourceName,
  layout: MetricLayout | undefined,
  grain: { readonly name: string; readonly dimensions: string[]; readonly words: string },
): StreamDefinition {
  const { name, dimensions, words } = grain;
  const metrics = defaultMetrics(dataSource(table), facts[table].main);
  const aggregate =
    dimensions.length > 0
      ? { dataSource: table, dimensions, metrics, layout: layout ?? defaultLayout(table) }
      : { dataSource: table, dimensions, metrics, layout: 'joined' as const, omitsEmpty: true };
  return aggregateStream({
    name,
    description: `${facts[table].description} ${words}`,
    aggregate,
    refresh: 'daily',
    isDefault: false,
    coarserThan: table,
  });
}

export function tableNames(): DataSourceName[] {
  return dataSources.map(({ name }) => name);
}
