import { dataSource, dataSources, effectiveThreshold, lintSql } from '@traffic-events/client';
import { describe, expect, it } from 'vitest';

import { StreamConfigError } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { describeStream } from './stream-schema.ts';
import type { StreamDefinition } from './stream.ts';
import { aggregateSql } from './aggregate-query.ts';
import { dailyStream } from './data-source-streams.ts';
import { builtInStreams, defaultStreams } from './default-streams.ts';
import { narrowStream } from './narrow-stream.ts';
import { resolveStreams } from './resolve-streams.ts';
import { configuredStream, streamConfigSchema } from './stream-config.ts';

const streams = builtInStreams();
const byName = (name: string): StreamDefinition =>
  streams.find((stream) => stream.name === name) as StreamDefinition;
const sqlOf = ({ query }: StreamDefinition) => (query.kind === 'sql' ? query.sqlQuery : '');

const configured = (config: unknown) => configuredStream(streamConfigSchema.parse(config));

function defaultsOf(kind: string): string[] {
  return defaultStreams.filter(({ accountKind }) => accountKind === kind).map(({ name }) => name);
}

describe('the built-in streams', () => {
  it('are the ten tables by day, at two coarser grains, six of them by hour, and the two reports', () => {
    const coarser = streams.filter(({ coarserThan }) => coarserThan !== undefined);
    expect(coarser.map(({ name }) => name)).toEqual(
      dataSources.flatMap(({ name }) => [`${name}_by_campaign`, `${name}_total`]),
    );
    expect(coarser.some(({ isDefault }) => isDefault)).toBe(false);
    const others = streams.filter((stream) => !coarser.includes(stream));
    expect(others.map(({ name }) => name)).toEqual([
      'devices_traffic',
      'dsp_clicks',
      'dsp_invalid_clicks',
      'dsp_impressions',
      'dsp_invalid_impressions',
      'dsp_views',
      'adserver_traffic',
      'invalid_adserver_traffic',
      'sponsored_ads_traffic',
      'sponsored_ads_invalid_traffic',
      'devices_traffic_hourly',
      'dsp_clicks_hourly',
      'dsp_impressions_hourly',
      'dsp_views_hourly',
      'adserver_traffic_hourly',
      'sponsored_ads_traffic_hourly',
      'ivt_report',
      'page_url_report',
    ]);
  });

  it('are asked for by default as the kind of the account has it', () => {
    expect(defaultsOf('dsp')).toEqual([
      'dsp_clicks',
      'dsp_invalid_clicks',
      'dsp_impressions',
      'dsp_invalid_impressions',
      'dsp_views',
    ]);
    expect(defaultsOf('sponsored_ads')).toEqual([
      'sponsored_ads_traffic',
      'sponsored_ads_invalid_traffic',
    ]);
  });

  it('group by the lowest threshold of their table, by no full timestamp, and sum only sums', () => {
    for (const { aggregate, name } of streams) {
      if (aggregate === undefined) continue;
      const { columns, eventHourColumn } = dataSource(aggregate.dataSource);
      const thresholds = new Set(
        columns
          .filter((column) => aggregate.dimensions.includes(column.name))
          .map(effectiveThreshold),
      );
      expect([name, thresholds.size]).toEqual([name, aggregate.dimensions.length === 0 ? 0 : 1]);
      for (const dimension of aggregate.dimensions) {
        if (dimension !== eventHourColumn) expect(dimension).not.toMatch(/_(date|day|dt|hour)/);
      }
      for (const column of columns) {
        const summed = aggregate.metrics.includes(column.name);
        expect(summed).toBe(column.role === 'metric' && column.additive !== false);
      }
    }
  });

  it('have SQL without a fault in either layout', () => {
    for (const layout of ['joined', 'per_metric'] as const) {
      for (const stream of builtInStreams(layout)) {
        if (stream.query.kind !== 'sql') continue;
        const errors = lintSql(sqlOf(stream)).filter(({ severity }) => severity === 'error');
        expect([stream.name, errors]).toEqual([stream.name, []]);
      }
    }
  });

  it('are described with units and what replaces them', () => {
    const { schema, keyProperties } = describeStream(byName('dsp_impressions'));
    expect(keyProperties).toEqual(['execution_id', 'row_number']);
    expect(schema).toMatchObject({
      'x-replace-by': ['account_id', 'event_date'],
      properties: {
        account_id: { type: 'string' },
        filtered: { type: 'boolean' },
        campaign_id: { type: ['null', 'integer'], description: 'Id of the campaign.' },
        total_cost: {
          'x-unit': 'millicents',
          description:
            "Cost of the events, fees included. In millicents, 1/100000 of the account's currency.",
        },
      },
    });
    for (const stream of streams) {
      const { properties } = describeStream(stream).schema as {
        properties: Record<string, { description?: string }>;
      };
      for (const [name, { description }] of Object.entries(properties)) {
        expect([stream.name, name, typeof description]).toEqual([stream.name, name, 'string']);
      }
    }
  });
});

describe('a coarser grain', () => {
  it('is a row per campaign, and one in all', () => {
    expect(sqlOf(byName('dsp_clicks_by_campaign'))).toBe(
      'SELECT campaign, campaign_id, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign, campaign_id',
    );
    expect(sqlOf(byName('dsp_clicks_total'))).toBe('SELECT SUM(clicks) AS clicks FROM dsp_clicks');
  });

  it('keeps view definitions apart, as each of them judges the same events', () => {
    for (const { aggregate, coarserThan } of streams) {
      if (aggregate === undefined || coarserThan === undefined) continue;
      const ofDefinition = byName(coarserThan).aggregate?.dimensions.includes('view_definition');
      expect(aggregate.dimensions.includes('view_definition')).toBe(ofDefinition);
      expect(aggregate.metrics).toEqual(byName(coarserThan).aggregate?.metrics);
    }
  });

  it('has the column types of its daily stream unless it is given its own', () => {
    const types = { dsp_impressions: { total_cost: 'DECIMAL', campaign_id: 'STRING' } } as const;
    const own = { dsp_impressions_by_campaign: { campaign_id: 'LONG' } } as const;
    const typed = resolveStreams({ columnTypes: { ...types, ...own } });
    const typesIn = (stream: string) =>
      typed.find(({ name }) => name === stream)?.columns.map(({ name, type }) => [name, type]);
    expect(typesIn('dsp_impressions_total')).toContainEqual(['total_cost', 'DECIMAL']);
    expect(typesIn('dsp_impressions_by_campaign')).toEqual(
      expect.arrayContaining([
        ['total_cost', 'DECIMAL'],
        ['campaign_id', 'LONG'],
      ]),
    );
  });
});

describe('a query with rows of its own for each metric', () => {
  const aggregate = {
    dataSource: 'dsp_views',
    dimensions: ['campaign_id'],
    metrics: ['events', 'viewable_impressions'],
    layout: 'per_metric',
  } as const;

  it('is a branch of UNION ALL each, over the events that have the metric', () => {
    expect(aggregateSql(aggregate)).toBe(
      'SELECT campaign_id, SUM(events) AS events, 0 AS viewable_impressions FROM dsp_views WHERE events <> 0 GROUP BY campaign_id' +
        ' UNION ALL ' +
        'SELECT campaign_id, 0 AS events, SUM(viewable_impressions) AS viewable_impressions FROM dsp_views WHERE viewable_impressions <> 0 GROUP BY campaign_id',
    );
  });

  it('is the plain one where there is only one metric', () => {
    const one = { ...aggregate, metrics: ['events'] };
    expect(aggregateSql(one)).toBe(aggregateSql({ ...one, layout: 'joined' }));
  });
});

describe('a narrowed stream', () => {
  const clicks = byName('dsp_clicks');

  it('leaves a dimension out of the query, and is another definition', () => {
    const narrow = narrowStream(clicks, new Set(['campaign_id', 'clicks']));
    expect(sqlOf(narrow)).toBe(
      'SELECT campaign_id, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign_id',
    );
    expect(narrow.columns.map(({ name }) => name)).toEqual(['campaign_id', 'clicks', 'filtered']);
    expect(fingerprintOf(narrow, 'UTC')).not.toBe(fingerprintOf(clicks, 'UTC'));
  });

  it('is the same where everything is selected', () => {
    const all = new Set(clicks.columns.map(({ name }) => name));
    expect(narrowStream(clicks, all)).toBe(clicks);
  });

  it('needs a metric, and columns that a query was built from', () => {
    expect(() => narrowStream(clicks, new Set(['campaign_id']))).toThrow(
      'Stream dsp_clicks has no metric selected: select one of clicks, or leave out the stream.',
    );
    expect(() => narrowStream(byName('ivt_report'), new Set(['campaign_id']))).toThrow(
      'Stream ivt_report is not built from columns, so that none can be left out',
    );
  });
});

describe('a stream of the configuration', () => {
  it('groups a table by columns of ones own', () => {
    const stream = configured({
      name: 'by_campaign',
      data_source: 'dsp_clicks',
      dimensions: ['campaign'],
      metrics: ['clicks'],
      refresh: 'settled_only',
    });
    expect(stream).toMatchObject({ accountKind: 'dsp', refresh: 'settled_only' });
    expect(sqlOf(stream)).toBe(
      'SELECT campaign, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign',
    );
  });

  it('has SQL of ones own with its types and keys', () => {
    const stream = configured({
      name: 'own',
      account_kind: 'sponsored_ads',
      sql: 'SELECT campaign, COUNT(*) AS rows_seen FROM sponsored_ads_traffic GROUP BY campaign',
      columns: { campaign: 'STRING', rows_seen: 'LONG' },
      keys: ['campaign'],
    });
    expect(stream).toMatchObject({
      dataSources: ['sponsored_ads_traffic'],
      mainMetrics: ['rows_seen'],
      columns: [{ role: 'dimension' }, { role: 'metric' }, { name: 'filtered' }],
    });
  });

  it('is refused with its name and the place of the fault', () => {
    const own = { name: 'own', account_kind: 'dsp', columns: { a: 'LONG' }, keys: [] };
    expect(() => configured({ ...own, sql: 'SELECT *\nFROM dsp_clicks' })).toThrow(
      /^streams: own: SELECT \* at line 1, .*name the columns/,
    );
    expect(() => configured({ ...own, sql: 'SELECT a FROM dsp_clicks', keys: ['b'] })).toThrow(
      'streams: own: keys names b, which columns does not have; add it there.',
    );
    const grouped = {
      name: 'g',
      data_source: 'dsp_clicks',
      dimensions: ['x'],
      metrics: ['clicks'],
    };
    expect(() => configured(grouped)).toThrow(
      /^streams: g: dsp_clicks has no dimension "x"; use one of advertiser/,
    );
    expect(() => configured({ ...grouped, name: 'extractions' })).toThrow(StreamConfigError);
  });
});

describe('a fingerprint', () => {
  it('goes by query and zone, and not by words or by how a result is read', () => {
    const clicks = byName('dsp_clicks');
    const before = fingerprintOf(clicks, 'UTC');
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf({ ...clicks, description: 'x', refresh: 'settled_only' }, 'UTC')).toBe(
      before,
    );
    expect(fingerprintOf(clicks, 'Europe/Berlin')).not.toBe(before);
    const columns = clicks.columns.map((column) => ({ ...column, type: 'STRING' as const }));
    expect(fingerprintOf({ ...clicks, columns }, 'UTC')).toBe(before);
    const other = dailyStream('dsp_clicks', 'per_metric');
    expect(fingerprintOf(other, 'UTC') === before).toBe(sqlOf(other) === sqlOf(clicks));
    expect(fingerprintOf(narrowStream(clicks, new Set(['clicks'])), 'UTC')).not.toBe(before);
  });
});
