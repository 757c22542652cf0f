import { describe, expect, it } from 'vitest';

import { describeNotCollected, notCollected, refuseEmpty } from './collection.ts';
import { listedStreams } from '../settings/listed-streams.ts';
import { streamsOf } from '../settings/read-extraction.ts';
import type { ExtractionSettings } from '../settings/extraction-settings.ts';

const dsp = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const entity = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;

type Entry = NonNullable<ExtractionSettings['streams']>[number];

const own = {
  name: 'reach',
  refresh: 'daily',
  data_source: 'dsp_impressions',
  dimensions: ['campaign'],
  metrics: ['impressions'],
  metric_layout: 'joined',
} satisfies Entry;

type Streams = ExtractionSettings['streams'];

function settings(streams: Streams, accounts: readonly (typeof dsp | typeof entity)[] = [dsp]) {
  return {
    accounts: accounts.map((account) => ({ account, currency: undefined })),
    grains: 'fine' as const,
    bundle: 'off' as const,
    refresh: 'daily' as const,
    max_active_executions: 5,
    start_date: '2026-01-01',
    ...(streams === undefined ? {} : { streams }),
  };
}

const names = (streams: Streams, grains: ExtractionSettings['grains'] = 'fine') =>
  streamsOf({ ...settings(streams), grains }).map(({ name }) => name);

const together = (streams: Streams, grains?: ExtractionSettings['grains']) => {
  const { grains: _, ...others } = settings(streams);
  const bundled = { ...others, bundle: 'auto' as const };
  return streamsOf(grains === undefined ? bundled : { ...bundled, grains }).map(({ name }) => name);
};

describe('what is listed is what runs', () => {
  it('without a list the default streams', () => {
    expect(names(undefined)).toContain('dsp_impressions');
    expect(names(undefined)).not.toContain('adserver_traffic');
  });

  it('nothing beside an own definition', () => {
    expect(names([own])).toEqual(['reach']);
    expect(names(['adserver_traffic', own])).toEqual(['adserver_traffic', 'reach']);
  });

  it('the default streams where they are listed', () => {
    expect(names(['defaults', own])).toEqual([...names(undefined), 'reach']);
    expect(names(['defaults', 'adserver_traffic'])).toContain('adserver_traffic');
  });

  it('and its coarse grains where all grains are wanted, or where they are listed', () => {
    expect(names(['dsp_clicks'])).toEqual(['dsp_clicks']);
    expect(names(['dsp_clicks', own], 'all')).toEqual([
      'dsp_clicks',
      'dsp_clicks_by_campaign',
      'dsp_clicks_total',
      'reach',
    ]);
    expect(names(['dsp_clicks_hourly', 'dsp_views_total'], 'all')).toEqual([
      'dsp_views_total',
      'dsp_clicks_hourly',
    ]);
    expect(names(undefined, 'all')).toHaveLength(3 * names(undefined).length);
  });

  it('and all daily tables at all grains where they are asked for by one query', () => {
    expect(together(undefined)).toContain('adserver_traffic_total');
    expect(together(undefined)).toContain('devices_traffic');
    expect(together(undefined)).not.toContain('dsp_impressions_hourly');
    expect(together(undefined, 'fine')).toHaveLength(together(undefined).length / 3);
    expect(together(['dsp_clicks'])).toEqual(names(['dsp_clicks'], 'all'));
    expect(together([own])).toEqual(['reach']);
  });

  it('and a definition that had the name of a coarse grain before there were any stays', () => {
    const former = { ...own, name: 'dsp_impressions_by_campaign' };
    const [stream, ...others] = streamsOf({ ...settings([former]), grains: 'all' });
    expect(others).toEqual([]);
    expect(stream?.aggregate?.dimensions).toEqual(own.dimensions);
  });

  it('and what is none is refused', () => {
    expect(() => names(['dsp_clickz'])).toThrow(
      /^streams: got "dsp_clickz", did you mean "dsp_clicks"\?$/,
    );
    expect(() => names(['everything'])).toThrow(
      /^streams: expected one of defaults, devices_traffic, .*, got "everything"\.$/,
    );
    expect(() => names([{ ...own, name: 'defaults' }])).toThrow(
      '"defaults" stands for the default',
    );
  });
});

describe('an account and a stream that would never meet', () => {
  it('are refused, and both named', () => {
    expect(() => streamsOf(settings(['adserver_traffic'], [entity]))).toThrow(
      'accounts: no stream applies to UK:entity:ENTITY1: chosen are adserver_traffic. Add one of sponsored_ads_traffic, ',
    );
    expect(() => streamsOf(settings(['defaults', 'adserver_traffic'], [entity]))).toThrow(
      'streams: adserver_traffic applies to none of the accounts (UK:entity:ENTITY1).',
    );
    expect(() => streamsOf(settings([own], [dsp, entity]))).toThrow('UK:entity:ENTITY1');
  });

  it('are refused also where the zone of the account rules a report out', () => {
    const zoned = { ...dsp, timeZone: 'Europe/Berlin' };
    expect(() => streamsOf(settings(['page_url_report'], [zoned]))).toThrow(
      'no stream applies to DE:dsp:1234@Europe/Berlin',
    );
    expect(streamsOf(settings(['page_url_report'], [dsp, zoned].slice(0, 1)))).toHaveLength(1);
  });

  it('are refused where nothing at all is selected, but a catalog may leave an account out', () => {
    const streams = listedStreams(settings(['dsp_impressions']));
    const selected = streams.filter(({ isDefault }) => isDefault);
    expect(() => refuseEmpty([dsp, entity], selected)).not.toThrow();
    expect(() => refuseEmpty([entity], selected)).toThrow('no stream applies to UK:entity:ENTITY1');
    expect(() => refuseEmpty([dsp], [])).toThrow(
      'no stream applies to DE:dsp:1234: none is chosen',
    );
  });
});

it('what the API has and nothing reads is named by account', () => {
  const accounts = [dsp, entity];
  const defaults = listedStreams(settings(undefined, accounts)).filter(
    ({ isDefault }) => isDefault,
  );
  expect(notCollected(accounts, defaults)).toEqual([
    {
      account_id: 'DE:dsp:1234',
      data_sources: [
        'devices_traffic',
        'adserver_traffic',
        'invalid_adserver_traffic',
        'ivt_report',
        'page_url_report',
      ],
      no_longer: [],
    },
  ]);
  expect(notCollected([dsp], listedStreams(settings(undefined)))).toEqual([]);
});

it('what is held and no longer listed is named, of the accounts that hold it', () => {
  const accounts = [dsp, { ...dsp, advertiserId: '5678' }];
  const held = [{ stream: 'dsp_clicks', accountId: 'DE:dsp:1234' }];
  const only = listedStreams(settings(['dsp_impressions'])).filter(({ isDefault }) => isDefault);
  const left = notCollected(accounts, only, held);
  expect(left.map(({ no_longer }) => no_longer)).toEqual([['dsp_clicks'], []]);
  expect(describeNotCollected(left)).toContain(
    'No longer collected of DE:dsp:1234, and held: dsp_clicks. List them in streams if they are wanted: the API keeps events for 30 days.',
  );
});
