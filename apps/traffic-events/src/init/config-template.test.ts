import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { accountsOf, notCollected, streamsOf } from '@traffic-events/program/extraction';
import { withStreams } from '@traffic-events/source';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { askProducts } from './ask-products.ts';
import { configTemplate } from './config-template.ts';
import { DEFAULT_PRODUCTS, PRODUCTS } from './products.ts';
import type { Product } from './products.ts';

const environment = {
  AMAZON_ADS_CLIENT_ID: 'id',
  AMAZON_ADS_CLIENT_SECRET: 'secret',
  AMAZON_ADS_REFRESH_TOKEN: 'token',
  WAREHOUSE_URL: 'postgres://u:p@h/d',
};

const template = (...products: readonly Product[]) =>
  configTemplate({ products: new Set(products), marketplace: 'DE', startDate: '2026-01-01' });

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
    const schema = '# yaml-language-server: $schema=./traffic-events.schema.json\n';
    const example = `${schema}${template(...DEFAULT_PRODUCTS)}`;
    await expect(example).toMatchFileSnapshot('../../traffic-events.example.yaml');
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
        archive: './archive',
        refresh: 'daily',
        api_url: 'http://127.0.0.1:8080',
      });
      const named = config.streams?.filter((entry) => typeof entry === 'string');
      const streams = streamsOf({ ...config, ...(named === undefined ? {} : { streams: named }) });
      expect(notCollected(accountsOf(config), streams)).toEqual([]);
    },
  );
});

async function ask(answers: string): Promise<[ReadonlySet<Product>, string]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asked = askProducts(input, output);
  for (const answer of answers.split(' ')) {
    await new Promise((resolve) => output.once('data', resolve));
    input.write(`${answer}\n`);
  }
  const products = await asked;
  output.end();
  return [products, await text(output)];
}

describe('on a terminal', () => {
  test('the products are asked for', async () => {
    const [products] = await ask('n yes Y');
    expect([...products]).toEqual(['sponsored_ads', 'ad_server']);
  });
});
