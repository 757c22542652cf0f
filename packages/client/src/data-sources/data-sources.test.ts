import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { effectiveThreshold } from './data-source.ts';
import { dataSources } from './data-sources.ts';
import { dataSource } from './find-data-source.ts';

const repositoryRoot = path.join(import.meta.dirname, '../../../..');
const sharedFolder = process.env['TRAFFIC_EVENTS_SHARED'] ?? path.join(repositoryRoot, '../shared');
const reference = path.join(sharedFolder, 'api/data-sources.json');

const documentedKeys = {
  documentedFormat: 'documented_format',
  documentedRole: 'documented_role',
  documentedType: 'documented_type',
} as const;

const thresholdOf = (name: string) =>
  effectiveThreshold(
    dataSource('sponsored_ads_traffic').columns.find((column) => column.name === name)!,
  );

describe('the catalog of data sources', () => {
  it.skipIf(!existsSync(reference))('equals the documented one', () => {
    const documented = JSON.parse(readFileSync(reference, 'utf8')) as { tables: unknown };
    const ours = dataSources.map((source) => ({
      name: source.name,
      account_kind: source.accountKind,
      invalid_traffic: source.invalidTraffic,
      event_date_column: source.eventDateColumn,
      event_hour_column: source.eventHourColumn,
      columns: source.columns.map((column) =>
        Object.fromEntries(
          Object.entries(column).map(([key, value]) => [
            documentedKeys[key as keyof typeof documentedKeys] ?? key,
            value,
          ]),
        ),
      ),
    }));
    expect(ours).toStrictEqual(documented.tables);
  });

  it('has ten tables, each with the column that dates its events', () => {
    expect(dataSources).toHaveLength(10);
    for (const source of dataSources) {
      const names = source.columns.map((column) => column.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain(source.eventDateColumn);
      if (source.eventHourColumn !== null) expect(names).toContain(source.eventHourColumn);
    }
  });

  it('finds a table in any letter case and names the choices for an unknown one', () => {
    expect(dataSource('DSP_Clicks').name).toBe('dsp_clicks');
    expect(() => dataSource('dsp_click')).toThrow(
      /There is no data source "dsp_click"; use one of devices_traffic, dsp_clicks, /,
    );
  });

  it('gives columns without a documented threshold the default of their kind', () => {
    expect(thresholdOf('impressions')).toBe('NONE');
    expect(thresholdOf('campaign')).toBe('LOW');
    expect(thresholdOf('event_dt_hour_utc')).toBe('LOW');
    expect(thresholdOf('event_dt')).toBe('MEDIUM');
    expect(thresholdOf('event_dt_utc')).toBe('MEDIUM');
  });
});
