import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';
import type { ColumnType } from '@traffic-events/slice';

import type { StreamColumn, StreamDefinition } from './stream.ts';
import { DAY_MS, HOUR_MS } from './timing.ts';

/** The column of a templated report that says why a row was withheld; empty where it was not. */
export const REASON_COLUMN = 'filtered_reason';

const flag: StreamColumn = {
  name: DISCRIMINATOR_COLUMN,
  type: 'BOOLEAN',
  role: 'discriminator',
  optional: true,
  description: 'True for a row of which the report withholds something; filtered_reason says why.',
};

/** Vendors share their findings with delay: what the report says changes until its last reading. */
const IVT_REREADS_MS = [5, 12, 20, 28].map((days) => days * DAY_MS);

/** Invalid traffic as AdLoox and IAS found it (API.md 1.4 and 1.6). */
export const ivtReport: StreamDefinition = {
  name: 'ivt_report',
  description: 'Invalid impressions as the vendors AdLoox and IAS found them.',
  accountKind: 'dsp',
  dataSources: ['ivt_report'],
  query: { kind: 'ivt_report', vendors: ['AdLoox', 'IAS'] },
  columns: [
    ...entityColumns(),
    count('total_impression_served', 'Impressions served.', ['total_impressions_served']),
    count('adloox_invalid_impressions', 'Impressions that AdLoox found invalid.'),
    count('ias_invalid_impressions', 'Impressions that IAS found invalid.'),
    text(REASON_COLUMN, 'Why something of the row was withheld.'),
    flag,
  ],
  mainMetrics: ['total_impression_served', 'adloox_invalid_impressions', 'ias_invalid_impressions'],
  timing: { arrivalMs: 96 * HOUR_MS, retentionMs: 30 * DAY_MS, rereadsMs: IVT_REREADS_MS },
  refresh: 'daily',
  isDefault: false,
};

/** The pages on which ads were shown; for 12 months, from 2025-02-14 on (API.md 1.4). */
export const pageUrlReport: StreamDefinition = {
  name: 'page_url_report',
  description: 'Impressions by the page on which they were shown.',
  accountKind: 'dsp',
  dataSources: ['page_url_report'],
  query: { kind: 'page_url_report' },
  columns: [
    ...entityColumns(),
    text('page_url', 'Address of the page.'),
    count('impressions', 'Impressions.'),
    text(REASON_COLUMN, 'Why something of the row was withheld.'),
    flag,
  ],
  mainMetrics: ['impressions'],
  timing: { arrivalMs: 48 * HOUR_MS, retentionMs: 365 * DAY_MS, firstDate: '2025-02-14' },
  refresh: 'daily',
  isDefault: false,
};

function entityColumns(): StreamColumn[] {
  return [
    optional('advertiser', 'STRING', 'Name of the advertiser.'),
    optional('advertiser_id', 'LONG', 'Id of the advertiser.'),
    optional('campaign', 'STRING', 'Name of the campaign.'),
    optional('campaign_id', 'LONG', 'Id of the campaign.'),
    optional('line_item', 'STRING', 'Name of the line item.'),
    optional('line_item_id', 'LONG', 'Id of the line item.'),
  ];
}

function optional(name: string, type: ColumnType, description: string): StreamColumn {
  return { name, type, role: 'dimension', description, optional: true };
}

function text(name: string, description: string): StreamColumn {
  return { name, type: 'STRING', role: 'dimension', description, optional: true };
}

function count(name: string, description: string, aliases: readonly string[] = []): StreamColumn {
  return { name, type: 'LONG', role: 'metric', description, aliases };
}
