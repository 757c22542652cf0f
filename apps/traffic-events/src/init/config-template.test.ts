import { accountKey } from '@traffic-events/client';
import { accountsOf, notCollected, streamsOf } from '@traffic-events/program/extraction';
import { withStreams } from '@traffic-events/source';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { configTemplate } from './config-template.ts';
import { parseAccount } from './parse-account.ts';
import { accountsFor, DEFAULT_PRODUCTS, PRODUCTS, streamsFor } from './products.ts';
import type { Product } from './products.ts';

const environment = {
  AMAZON_ADS_CLIENT_ID: 'id',
  AMAZON_ADS_CLIENT_SECRET: 'secret',
  AMAZON_ADS_REFRESH_TOKEN: 'token',
  WAREHOUSE_URL: 'postgres://u:p@h/d',
};

const template = (...products: readonly Product[]) =>
  configTemplate({
    accounts: accountsFor(new Set(products), 'DE').map((account) => ({ account })),
    areExamples: true,
    streams: streamsFor(new Set(products)),
    startDate: '2026-01-01',
  });

/** Every setting that the template has in a comment, switched on; with a zone reports are left out. */
const uncommented = (yaml: string) =>
  yaml.replaceAll(/^( *)# ((?!time_zone)(?:[a-z_]+:|- |  [a-z_]+:).*)$/gm, '$1$2');

const all = Object.keys(PRODUCTS) as Product[];
const subsets = Array.from({ length: 2 ** all.length - 1 }, (_, index) =>
  all.filter((_product, bit) => ((index + 1) >> bit) % 2 === 1),
);

describe('the configuration that init writes', () => {
  // `vitest run -u` writes it anew.
  test('is the example of the package', async () => {
    await expect(template(...DEFAULT_PRODUCTS)).toMatchFileSnapshot(
      '../../traffic-events.example.yaml',
    );
  });

  test.each(subsets)('is right for %s %s %s', (...products) => {
    const used = products.filter((product) => product !== undefined);
    const config = parseConfig(template(...used), 'c.yaml', environment);
    const all = streamsOf(config);
    const streams = accountsOf(config).flatMap((account) => [
      ...withStreams(account, all).streams.keys(),
    ]);
    expect(streams.some((name) => name.startsWith('dsp_'))).toBe(used.includes('dsp'));
    expect(streams.includes('sponsored_ads_traffic')).toBe(used.includes('sponsored_ads'));
    expect(streams.includes('adserver_traffic')).toBe(used.includes('ad_server'));
  });

  test.each(subsets)(
    'holds with everything uncommented, and names all that is left out: %s %s %s',
    (...products) => {
      const used = products.filter((product) => product !== undefined);
      const config = parseConfig(uncommented(template(...used)), 'c.yaml', environment);
      expect(config).toMatchObject({
        max_active_executions: 3,
        max_executions_per_day: 100,
        max_outage: 7_200_000,
        max_download_bytes: 20_000_000_000,
        download_timeout: 14_400_000,
        archive: './archive',
        refresh: 'daily',
        api_url: 'http://127.0.0.1:8080',
      });
      const named = config.streams?.filter((entry) => typeof entry === 'string');
      const streams = streamsOf({ ...config, ...(named === undefined ? {} : { streams: named }) });
      expect(notCollected(accountsOf(config), streams)).toEqual([]);
    },
  );

  test('has what was answered of each account', () => {
    const yaml = configTemplate({
      accounts: [
        parseAccount('DE:dsp:590122334455667788@Europe/Berlin=EUR'),
        parseAccount('UK:entity:ENTITY1A2B3C4D5E'),
      ],
      areExamples: false,
      streams: ['defaults', 'ivt_report'],
      startDate: '2026-01-05',
    });
    const config = parseConfig(yaml, 'c.yaml', environment);
    expect(config).toMatchObject({ start_date: '2026-01-05', streams: ['defaults', 'ivt_report'] });
    expect(accountsOf(config).map(accountKey)).toEqual([
      'DE:dsp:590122334455667788@Europe/Berlin',
      'UK:entity:ENTITY1A2B3C4D5E',
    ]);
    expect(config.accounts.map(({ currency }) => currency)).toEqual(['EUR', undefined]);
  });
});
