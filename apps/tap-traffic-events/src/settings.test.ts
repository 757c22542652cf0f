import { configSource } from '@traffic-events/program';
import { parseJson, SettingsError } from '@traffic-events/singer';
import { describe, expect, it } from 'vitest';

import { readTapSettings } from './settings.ts';

const config = {
  client_id: 'id',
  client_secret: 'very-secret',
  refresh_token: 'token',
  start_date: '2026-01-01',
  accounts: [{ marketplace: 'DE', advertiser_id: '1234' }],
};

function problems(changes: object, env = {}): readonly string[] {
  try {
    readTapSettings({ ...config, ...changes }, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings of the tap', () => {
  it('name an account of either kind', () => {
    const accounts = [...config.accounts, { marketplace: 'UK', entity_id: 'ENTITY1' }];
    expect(readTapSettings({ ...config, accounts }, {}).accounts).toEqual([
      { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' },
      { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' },
    ]);
  });

  it('keep every digit of an id that stands as a JSON number', () => {
    const accounts = parseJson('[{"marketplace": "DE", "advertiser_id": 584930219384756193}]');
    expect(readTapSettings({ ...config, accounts }, {}).accounts[0]).toMatchObject({
      advertiserId: '584930219384756193',
    });
  });

  it.each([
    [['tap.json', 'ENV'], 'Set it in tap.json or as TAP_TRAFFIC_EVENTS_CLIENT_ID'],
    [['ENV'], 'Set it in a file for --config or as TAP_TRAFFIC_EVENTS_CLIENT_ID'],
  ])('of %j say where one that is missing can be put', (files, advice) => {
    const { client_id: _, ...rest } = config;
    expect(() => readTapSettings(rest, {}, configSource(files))).toThrow(advice);
  });

  it('may stand in the environment, which wins', () => {
    const env = { TAP_TRAFFIC_EVENTS_START_DATE: '2026-02-01T00:00:00Z' };
    expect(readTapSettings(config, env).start_date).toBe('2026-02-01');
  });

  it('say which key is wrong and what is expected, all at once', () => {
    const accounts = [
      { marketplace: 'XX', advertiser_id: '1' },
      { marketplace: 'DE' },
      { marketplace: 'DE', advertiser_id: '1', entity_id: '2' },
      { marketplace: 'DE', advertiser_id: '1', advertisr: '2' },
    ];
    expect(problems({ accounts, start_date: '2026-02-30' })).toEqual([
      'start_date: expected a date, such as 2026-01-31, got "2026-02-30".',
      expect.stringMatching(
        /^accounts\[0\]\.marketplace: There is no marketplace "XX"; use .*AE, AU/,
      ),
      expect.stringMatching(/^accounts\[1\]: .* neither an advertiser_id nor an entity_id/),
      expect.stringMatching(/^accounts\[2\]: .* both an advertiser_id and an entity_id/),
      'accounts[3]: Unrecognized key: "advertisr", did you mean "advertiser_id"?',
    ]);
    expect(problems({ refresh_token: undefined, acounts: [] })).toEqual([
      expect.stringMatching(
        /^acounts: not a setting of tap-traffic-events\. Did you mean accounts\? Known: client_id/,
      ),
      expect.stringMatching(/^refresh_token: expected text, but it is missing\./),
    ]);
  });

  it('refuse an account that is listed twice', () => {
    const accounts = [...config.accounts, ...config.accounts];
    expect(() => readTapSettings({ ...config, accounts }, {})).toThrow(
      'accounts: DE:dsp:1234 is listed more than once. Keep one of them.',
    );
  });

  it('may give an account a time zone of its own', () => {
    const account = { ...config.accounts[0], time_zone: 'Europe/Berlin' };
    expect(readTapSettings({ ...config, accounts: [account] }, {}).accounts[0]).toMatchObject({
      timeZone: 'Europe/Berlin',
    });
    expect(problems({ accounts: [{ ...account, time_zone: 'Berlin' }] })).toEqual([
      'accounts[0].time_zone: expected an IANA time zone, such as Europe/Berlin, got "Berlin".',
    ]);
  });

  it('add streams of ones own and types of columns', () => {
    const own = {
      name: 'own',
      data_source: 'dsp_clicks',
      dimensions: ['campaign'],
      metrics: ['clicks'],
    };
    const { streams } = readTapSettings(
      {
        ...config,
        streams: [own],
        column_types: { own: { clicks: 'DECIMAL' } },
        refresh: 'settled_only',
      },
      {},
    );
    expect(streams.at(-1)).toMatchObject({
      name: 'own',
      columns: [{ name: 'campaign' }, { name: 'clicks', type: 'DECIMAL' }, { name: 'filtered' }],
    });
    expect(streams[0]?.refresh).toBe('settled_only');
    expect(() => readTapSettings({ ...config, column_types: { nil: {} } }, {})).toThrow(
      /column_types names the stream nil, which does not exist; use one of devices_traffic/,
    );
    expect(problems({ streams: [{ name: 'Own' }], max_active_executions: '6' })).toEqual([
      expect.stringMatching(/^streams\[0\]\.name: expected lower-case letters.*, got "Own"\.$/),
      expect.stringMatching(/^streams\[0\]\.data_source: /),
      expect.stringMatching(/^streams\[0\]\.dimensions: /),
      expect.stringMatching(/^streams\[0\]\.metrics: /),
      'max_active_executions: expected a whole number from 1 to 5, got 6.',
    ]);
  });

  it('understand numbers that stand as text', () => {
    const settings = readTapSettings({ ...config, max_executions_per_day: '30' }, {});
    expect(settings.max_executions_per_day).toBe(30);
  });

  it('do not show a secret of the wrong kind', () => {
    expect(problems({ client_secret: { very: 'very-secret' } }).join('\n')).not.toMatch(
      /very-secret/,
    );
  });
});
