import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../config.ts';
import { settingsWithoutSecrets, textWithoutSecrets } from './without-secrets.ts';

const config = parseConfig(
  stringify({
    credentials: { client_id: 'id-1', client_secret: 'hidden-"one"', refresh_token: 'hidden-two' },
    start_date: '2026-01-01',
    accounts: [{ marketplace: 'DE', advertiser_id: '1234' }],
    warehouse: 'postgres://loader:hidden%20three@host/marketing',
    alerts: [
      {
        url: 'https://hooks.example.com/hidden-four',
        secret: 'hidden-five-and-more',
        body: { routing_key: 'hidden-six' },
      },
    ],
  }),
  'c.yaml',
  {},
);

test('settings are told, and of secret ones that they are set', () => {
  const told = settingsWithoutSecrets(config);
  expect(told).toMatchObject({
    credentials: { client_id: 'id-1', client_secret: '[secret]', refresh_token: '[secret]' },
    start_date: '2026-01-01',
    warehouse: '[secret]',
    alerts: [{ url: '[secret]', secret: '[secret]', body: '[secret]' }],
  });
  expect(JSON.stringify(told)).not.toContain('hidden');
});

test('a secret goes from any text, whole, in JSON, or as a part of a URL', () => {
  const text = JSON.stringify([
    'hidden-"one" hidden-two',
    'no server for loader:hidden three or hidden%20three',
    'POST /hidden-four',
  ]);
  expect(textWithoutSecrets(text, config)).not.toContain('hidden');
});
