import { expect, test } from 'vitest';
import { connectionSettings, tableOptions } from './connection-settings.ts';
import { loadRules } from './load-rules.ts';
import { loadSettings } from './settings.ts';

const settingsOf = (env: Record<string, string>) =>
  loadSettings('target-bigquery', ['ENV'], { TARGET_BIGQUERY_PROJECT: 'p', ...env });

test('settings come from the environment, with the defaults beside them', async () => {
  const settings = await settingsOf({
    TARGET_BIGQUERY_LABELS: 'team=media, env=prod',
    TARGET_BIGQUERY_CLUSTER_BY: 'campaign',
    TARGET_BIGQUERY_LOAD_METHOD: 'append-only',
  });
  expect(connectionSettings(settings, {})).toMatchObject({
    project: 'p',
    dataset: 'traffic_events',
  });
  expect(tableOptions(settings)).toMatchObject({
    partitioning: 'day',
    clusterBy: ['campaign'],
    labels: { team: 'media', env: 'prod' },
  });
  expect(loadRules(settings)).toMatchObject({ method: 'append', drain: { maxRows: 1_000_000 } });
});

test('a label that BigQuery would refuse is named', async () => {
  const settings = await settingsOf({ TARGET_BIGQUERY_LABELS: 'Team=Media' });
  expect(() => tableOptions(settings)).toThrow('got "Team=Media"');
});

test('a project is asked for by its names', async () => {
  await expect(loadSettings('target-bigquery', ['ENV'], {})).rejects.toThrow(
    'Set it in ENV or as TARGET_BIGQUERY_PROJECT',
  );
});
