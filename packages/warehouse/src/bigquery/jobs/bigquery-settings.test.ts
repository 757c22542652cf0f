import { expect, test } from 'vitest';
import { settingsOfUrl } from './bigquery-settings.ts';

test('a URL names project, dataset and what else is needed', () => {
  expect(settingsOfUrl('bigquery://my-project/traffic_events?location=EU')).toMatchObject({
    project: 'my-project',
    dataset: 'traffic_events',
    location: 'EU',
    apiEndpoint: undefined,
  });
});

test('BIGQUERY_EMULATOR_HOST is the endpoint where none is given, with or without a scheme', () => {
  const env = { BIGQUERY_EMULATOR_HOST: 'localhost:9050' };
  expect(settingsOfUrl('bigquery://p/d', env).apiEndpoint).toBe('http://localhost:9050');
  const given = 'bigquery://p/d?api_endpoint=http://h:1';
  expect(settingsOfUrl(given, env).apiEndpoint).toBe('http://h:1');
});

test.each(['bigquery://p', 'postgres://h/d', 'bigquery://p/d/t', 'nonsense'])(
  '%s is refused, and what is right is shown',
  (url) => {
    expect(() => settingsOfUrl(url)).toThrow('Write bigquery://project/dataset');
  },
);
