import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig, readConfig } from './config.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const ALERTING = {
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0',
  PAGERDUTY_ROUTING_KEY: 'key',
  ALERT_SECRET: '0123456789abcdef',
};
const environment = { WAREHOUSE_URL: 'postgres://u:p@h/d', SECRET: 's3cret', ...ALERTING };
const minimal = `
credentials: { client_id: id, client_secret: "\${SECRET}", refresh_token: token }
start_date: 2026-01-31
accounts: [{ marketplace: DE, advertiser_id: 123456789012345678 }]
warehouse: \${WAREHOUSE_URL}
`;
/** Of a Meltano project: no configuration of ours. */
const MELTANO = /^loaders:/;
/** What the pages show of a configuration. */
const SNIPPETS = globSync(['README.md', 'docs/*.md'], { cwd: ROOT }).flatMap((page) => {
  const text = readFileSync(resolve(ROOT, page), 'utf8');
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, yaml = '']) => ({ page, yaml }))
    .filter(({ yaml }) => !MELTANO.test(yaml));
});
const own = (definition: object) =>
  minimal.replace(
    'accounts:',
    `streams: [${JSON.stringify({ name: 'own', ...definition })}]\naccounts:`,
  );
const parse = (text: string) => parseConfig(text, 'c.yaml', environment);

describe('a configuration', () => {
  test('keeps every digit of an id that is written without quotes', () => {
    expect(parse(minimal).accounts[0]?.account).toMatchObject({
      advertiserId: '123456789012345678',
    });
  });

  test('finds no secret under a name that objects inherit', () => {
    expect(() => parse(minimal.replace('${SECRET}', '${toString}'))).toThrow(
      'the environment variable toString is not set',
    );
  });

  test('takes secrets from the environment', () => {
    expect(parse(minimal).credentials.client_secret).toBe('s3cret');
    expect(parse(minimal).schema).toBe('traffic_events');
  });

  test.each(SNIPPETS)('the snippet of $page is right', ({ yaml }) => {
    const [key = ''] = yaml.split(':');
    const rest = minimal.split('\n').filter((line) => !line.startsWith(`${key}:`));
    expect(parse([...rest, yaml].join('\n'))).toHaveProperty(key);
  });

  test('the example is valid', () => {
    const text = readFileSync(new URL('../traffic-events.example.yaml', import.meta.url), 'utf8');
    const names = ['AMAZON_ADS_CLIENT_ID', 'AMAZON_ADS_CLIENT_SECRET', 'AMAZON_ADS_REFRESH_TOKEN'];
    const filled = { ...environment, ...Object.fromEntries(names.map((name) => [name, 'x'])) };
    expect(parseConfig(text, 'example', filled).accounts).toHaveLength(2);
  });
});

describe('a wrong configuration names the key and what is expected', () => {
  test.each([
    [
      'warehouse: ${WAREHOUSE_URL}',
      'warehouse: mysql://h/d',
      'c.yaml: warehouse: expected postgres://',
    ],
    [
      '2026-01-31',
      '2026-02-30',
      'c.yaml: start_date: expected a date, such as 2026-01-31, got "2026-02-30"',
    ],
    [
      'marketplace: DE, ',
      '',
      'c.yaml: accounts[0].marketplace: expected a marketplace code such as DE',
    ],
    [
      'advertiser_id: 123456789012345678',
      'entity: 1',
      'c.yaml: accounts[0]: Unrecognized key: "entity"',
    ],
    [', advertiser_id: 123456789012345678', '', 'accounts[0]: The account in DE has neither'],
    [
      '${SECRET}',
      '${NOT_SET}',
      'c.yaml: credentials.client_secret: the environment variable NOT_SET is not set',
    ],
    ['accounts: [', 'accounts: {', 'c.yaml: line 4, column 66: '],
  ])('%s -> %s', (from, to, message) => {
    expect(() => parse(minimal.replace(from, to))).toThrow(message);
  });

  const aggregate = { data_source: 'dsp_impressions', dimensions: [], metrics: ['impressions'] };
  const sql = { account_kind: 'dsp', sql: 'SELECT 1', columns: { a: 'LONG' }, keys: [] };

  test.each<[string, string]>([
    ['stream: [defaults]', '(the whole): Unrecognized key: "stream", did you mean "streams"?'],
    ['refresh: dayly', 'refresh: got "dayly", did you mean "daily"?'],
    [
      'streams: [5]',
      'streams[0]: expected the name of a stream, or a mapping that defines one, got 5.',
    ],
    ['streams: defaults', 'streams: expected a list, got "defaults".'],
    ['streams:', 'streams: expected a list, got nothing.'],
    ['archive: ""', 'archive: expected a text that is not empty, got "".'],
  ])('%s -> %s', (line, message) => {
    expect(() => parse(`${minimal}${line}\n`)).toThrow(`c.yaml: ${message}`);
  });

  test.each([
    ['marketplace: GB', 'There is no marketplace "GB"; write UK.'],
    ['marketplace: de', 'There is no marketplace "de"; write DE.'],
  ])('%s -> %s', (given, message) => {
    expect(() => parse(minimal.replace('marketplace: DE', given))).toThrow(
      `c.yaml: accounts[0].marketplace: ${message}`,
    );
  });

  test.each<[object, string]>([
    [{ ...aggregate, metrics: [] }, '.metrics: expected at least one metric.'],
    [{ ...aggregate, dimensions: 'campaign' }, '.dimensions: expected a list, got "campaign".'],
    [
      { data_source: 'dsp_impressions', dimension: [], metrics: ['impressions'] },
      ': Unrecognized key: "dimension", did you mean "dimensions"?',
    ],
    [
      { ...aggregate, data_source: 'dsp_impression' },
      '.data_source: got "dsp_impression", did you mean "dsp_impressions"?',
    ],
    [{ ...sql, account_kind: 'dpp' }, '.account_kind: got "dpp", did you mean "dsp"?'],
    [{ ...sql, columns: { a: 'TEXT' } }, '.columns.a: expected one of STRING, LONG, INTEGER,'],
    [{ ...sql, name: 'My stream' }, '.name: expected lower-case letters, digits and _'],
  ])('a definition %j -> %s', (definition, message) => {
    expect(() => parse(own(definition))).toThrow(`c.yaml: streams[0]${message}`);
  });

  test('but never shows what may hold a secret', () => {
    const wrong = minimal.replace('${WAREHOUSE_URL}', 'mysql://u:hidden@h/d');
    expect(() => parse(wrong)).toThrow(/^((?!hidden).)*$/s);
  });

  test('and a missing file says what to do', () => {
    expect(() => readConfig('missing.yaml', {})).toThrow(
      'traffic-events init writes one to fill in',
    );
  });
});
